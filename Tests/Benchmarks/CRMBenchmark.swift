import CRM
import Crypto
import Delivery
import Foundation
import HTTP
import Intake
import Ledger
import Orders
import Sandbox
import Support
import Telemetry

/// Orders a second through the whole way of the worker `crm`: rows in the ledger → lanes → three requests over HTTP
/// (deal, contact, association) → outcomes in the ledger. The CRM is the sandbox's, in this process, so it shares the
/// machine.
enum CRMBenchmark {
    @Sendable static func run(_ words: [String]) async throws {
        let orders = words.first.flatMap(Int.init) ?? 2_000
        for delay in [0, 5, 50] {
            let result = try await measure(orders: delay == 50 ? orders / 4 : orders, delayMilliseconds: delay)
            print("CRM answers after \(delay) ms: \(result)")
        }
    }

    private static func measure(orders: Int, delayMilliseconds: Int) async throws -> String {
        let folder = try TemporaryFolder("benchmark")
        defer { withExtendedLifetime(folder) {} }
        let silent = Log(process: "benchmark", write: { _ in })
        var settings = SandboxSettings()
        settings.crmDelayMilliseconds = delayMilliseconds
        let sandbox = SandboxProcess(settings, log: silent)
        try await sandbox.start()
        let ledger = try Ledger.open(
            url: "sqlite:\(folder.file())", sealing: SealingKeys(try SealingKey([UInt8](repeating: 7, count: 32))),
            now: WallClock.milliseconds)
        try await ledger.migrate()
        try await ledger.put(
            Connection(
                id: "c1", account: "shop", kind: "hubspot", url: "http://127.0.0.1:\(sandbox.httpPort!)", secret: "pat",
                since: Timestamp(milliseconds: 0)))
        try await takeIn(orders, ledger)
        let client = Client()
        let worker = CRMWorker(ledger: ledger, client: client)
        let engine = DeliveryEngine(
            WorkerContext(worker: "crm", owner: "benchmark", ledger: ledger, metrics: Metrics(), log: silent),
            adapters: { worker.adapter(for: $0) }, deadLetters: nil)
        let began = ContinuousClock.now
        engine.start()
        while try await !isDone(orders, ledger) { try await Task.sleep(for: .milliseconds(20)) }
        let took = ContinuousClock.now - began
        let requests = sandbox.crm.requestCount
        await engine.stop(by: .now + .seconds(5))
        precondition(
            sandbox.crm.count(of: "deals") == orders, "\(sandbox.crm.count(of: "deals")) deals of \(orders) orders")
        client.close()
        await sandbox.stop(by: .now + .seconds(1))
        await ledger.close()
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
        return
            "\(Int(Double(orders) / seconds)) orders/s, \(Int(Double(requests) / seconds)) requests/s (\(orders) orders, \(String(format: "%.2f", seconds)) s)"
    }

    private static func isDone(_ orders: Int, _ ledger: Ledger) async throws -> Bool {
        let done = try await ledger.books(of: "crm").reduce(0) { $0 + ($1.rows[.done] ?? 0) }
        return done == Int64(orders)
    }

    private static func takeIn(_ orders: Int, _ ledger: Ledger) async throws {
        let source = LogPartition(cluster: "c", topic: "orders", partition: 0)
        var next = try await ledger.position(of: "crm", in: source, base: 0).next
        for start in stride(from: 0, to: orders, by: 100) {
            let entries = (start..<min(start + 100, orders)).map { number in
                let event = event(number)
                return entry(event, at: Int64(number), .planned([PlannedDelivery(destination: "crm/c1")]))
            }
            let batch = IntakeBatch(
                worker: "crm", source: source, owner: "intake", from: next, next: next + Int64(entries.count),
                entries: entries)
            _ = try await ledger.takeIn(batch)
            next = batch.next
        }
    }

    private static func event(_ number: Int) -> Event {
        let order = OrderID(account: "shop", .external(id: "\(number)", source: nil))
        var draft = OrderDraft(locale: .uk)
        draft.externalID = "\(number)"
        draft.title = "Курс"
        draft.price = Money(minorUnits: 149_950, currency: Currency("UAH")!)
        draft.buyer = Buyer(name: "Ганна Коваль", email: "buyer\(number)@example.com")
        return Event(
            id: "\(order.text).created", account: "shop", order: order,
            time: Timestamp(milliseconds: WallClock.milliseconds()), digest: sha256(Array("\(number)".utf8)),
            traceparent: nil, content: .created(draft))
    }
}
