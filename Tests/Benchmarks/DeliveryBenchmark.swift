import Analytics
import Crypto
import Database
import Delivery
import Foundation
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Support
import Synchronization
import Telemetry

/// What the two halves of a worker do.
enum DeliveryBenchmark {
    static let usage = "[ROWS] \(LedgerPlaces.usage)"
    static let destinations = 50

    @Sendable static func run(_ words: [String]) async throws {
        let rows = words.first.flatMap(Int.init) ?? 5_000
        let places = try await LedgerPlaces(words)
        defer { withExtendedLifetime(places) {} }
        print(places.words)
        try await lanes(rows * 4, places)
        print(
            "retry storm: \(rows) rows due at once over \(destinations) destinations, attempts of 5 ms, 4 at once each")
        var shares: [(name: String, rates: [Double])] = []
        for round in 1...5 {
            for (index, mode) in Down.allCases.enumerated() {
                let storm = try await Storm(rows, to: destinations, in: places.ledger("storm\(round)\(mode.rawValue)"))
                {
                    $0 == "d0" ? Receiver(mode: mode) : Receiver(mode: .well)
                }
                let (seconds, memory) = try await storm.run(until: rows - rows / destinations, without: "d0")
                if round == 1 { shares.append((mode.rawValue, [])) }
                shares[index].rates.append(Double(rows - rows / destinations) / seconds)
                print(
                    "  round \(round), one destination \(mode.rawValue): the others \(text(seconds)) s, peak \(memory) MB"
                )
            }
        }
        let medians = shares.map { ($0.name, $0.rates.sorted()[$0.rates.count / 2]) }
        for (name, rate) in medians {
            print("  one destination \(name): \(Int(rate)) rows/s to the others, \(text(rate / medians[0].1 * 100)) %")
        }
        // Both halves, from a topic, on files only: on PostgreSQL `whole` has them as processes.
        if places.server == nil { try await Flow.run(orders: max(2_000, rows * 2)) }
    }

    /// The engine by itself: a hundred lanes, whose receivers take between nothing and 5 ms.
    private static func lanes(_ rows: Int, _ places: LedgerPlaces) async throws {
        let lanes = 100
        print("\(rows) rows due at once over \(lanes) lanes, attempts of 0 to 5 ms, 4 at once each")
        var rates: [Double] = []
        for round in 1...5 {
            let storm = try await Storm(rows, to: lanes, in: places.ledger("lanes\(round)")) { destination in
                let number = Int(destination.text.dropFirst()) ?? 0
                return Receiver(mode: .well, delay: .microseconds(number * 5_000 / (lanes - 1)))
            }
            rates.append(Double(rows) / (try await storm.run(until: rows)).seconds)
        }
        rates.sort()
        print("  \(Int(rates[rates.count / 2])) rows/s [\(Int(rates[0]))–\(Int(rates[rates.count - 1]))]")
    }

    static func text(_ value: Double) -> String { String(format: "%.2f", value) }

    /// What is wrong with one of the destinations.
    enum Down: String, CaseIterable {
        case well, refuses, hangs
    }

    static func peakMegabytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (Int(line.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") ?? 0) / 1024
    }

    /// Resets the peak, so that each round has its own.
    static func forgetPeak() { try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8) }

    static func event(_ number: Int) -> Event {
        let order = OrderID(String(format: "%024x", number))!
        var draft = OrderDraft(locale: .uk)
        draft.title = "Замовлення \(number)"
        draft.price = Money(minorUnits: 10_000, currency: Currency("UAH")!)
        draft.buyer = Buyer(name: "Олена", email: "olena\(number)@example.org")
        return Event(
            id: EventID.created(order).text, account: "acme", order: order, time: SystemTime().wall, traceparent: nil,
            content: .created(draft))
    }
}

/// A receiver that takes 5 ms, or does not work.
private struct Receiver: Adapter {
    let kind = "email"
    let timeout = Duration.seconds(10)
    let concurrency = 4
    var mode: DeliveryBenchmark.Down
    var delay = Duration.milliseconds(5)
    func attempt(_ attempt: Attempt) async -> Outcome {
        switch mode {
        case .refuses: return .retry(after: nil, why: "connection refused")
        case .hangs:
            try? await Task.sleep(for: timeout)
            return .unknown(why: "no answer")
        case .well:
            if delay > .zero { try? await Task.sleep(for: delay) }
            return .done(answer: "200", receipt: ["id": "1"])
        }
    }
}

/// Rows that are all due at once.
private final class Storm {
    private let ledger: Ledger
    private let engine: DeliveryEngine

    init(
        _ rows: Int, to destinations: Int, in ledger: Ledger, _ receiver: @escaping @Sendable (Destination) -> Receiver
    ) async throws {
        self.ledger = ledger
        engine = DeliveryEngine(
            WorkerContext(
                worker: "webhooks", owner: "benchmark", ledger: ledger, metrics: Metrics(),
                log: Log(process: "benchmark", write: { _ in })),
            adapters: { receiver($0) }, deadLetters: nil)
        let source = LogPartition(cluster: "c", topic: "orders", partition: 0)
        _ = try await ledger.position(of: "webhooks", in: source, base: 0)
        for start in stride(from: 0, to: rows, by: 500) {
            let numbers = start..<min(rows, start + 500)
            let entries = numbers.map { number in
                let event = DeliveryBenchmark.event(number)
                let planned = PlannedDelivery(destination: Destination("d\(number % destinations)"))
                return entry(event, at: Int64(number), .planned([planned]))
            }
            _ = try await ledger.takeIn(
                IntakeBatch(
                    worker: "webhooks", source: source, owner: "before", from: Int64(numbers.lowerBound),
                    next: Int64(numbers.upperBound), entries: entries))
        }
    }

    /// Seconds until so many rows are done, and the peak of memory in megabytes.
    ///
    /// - Parameter dead: whose rows do not count.
    func run(until wanted: Int, without dead: Destination? = nil) async throws -> (seconds: Double, memory: Int) {
        DeliveryBenchmark.forgetPeak()
        let began = ContinuousClock.now
        engine.start()
        while true {
            try await Task.sleep(for: .milliseconds(20))
            let done = try await ledger.books(of: "webhooks").reduce(0) { sum, book in
                sum + (book.destination == dead ? 0 : book.rows[.done] ?? 0)
            }
            if done == wanted { break }
        }
        let seconds = (ContinuousClock.now - began).inSeconds
        let memory = DeliveryBenchmark.peakMegabytes()
        await engine.stop(by: .now + .seconds(3))
        await ledger.close()
        return (seconds, memory)
    }
}

/// Records on a topic → rows → done; and records → counted.
private enum Flow {
    static func run(orders: Int) async throws {
        print("from the topic (embedded broker), \(orders) orders of 1 KB on 4 partitions, ledger durable:")
        let delivered = try await measure(orders, DeliveringPlanner()) { _ in Receiver(mode: .well, delay: .zero) }
        print("  taken in and delivered to a receiver that takes no time: \(Int(Double(orders) / delivered)) orders/s")
        let counted = try await measure(orders, nil) { _ in nil }
        print("  taken in and counted: \(Int(Double(orders) / counted)) orders/s")
    }

    struct DeliveringPlanner: Planner {
        let worker = "webhooks"
        let topics = ["orders"]
        func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
            events.map { _ in Plan(.planned([PlannedDelivery(destination: "d")])) }
        }
    }

    /// Seconds from the first order taken in to the last one done.
    /// - Parameter planner: nil: `analytics`.
    static func measure(
        _ orders: Int, _ planner: DeliveringPlanner?, adapters: @escaping AdapterResolver
    ) async throws -> Double {
        let folder = try TemporaryFolder("benchmark")
        defer { withExtendedLifetime(folder) {} }
        let broker = try EmbeddedBroker()
        defer { broker.stop() }
        try broker.create(topic: "orders", partitions: 4)
        try broker.create(topic: "dead-letters", partitions: 1)
        let ledger = Ledger(
            database: try SQLiteDatabase(path: folder.file(), now: { SystemTime().wall.milliseconds }),
            sealing: nil)
        try await ledger.migrate()
        let producer = try Producer(broker.properties)
        let records = (0..<orders).map { outgoingRecord(DeliveryBenchmark.event($0)) }
        for answer in try await producer.sendAll(records, timeout: .seconds(60)) { _ = try answer.get() }
        await producer.close(timeout: .seconds(5))
        let planner: any Planner = planner ?? AnalyticsPlanner(ledger: ledger)
        let worker = Worker(
            WorkerContext(
                worker: planner.worker, owner: "benchmark", ledger: ledger, metrics: Metrics(),
                log: Log(process: "benchmark", write: { _ in })),
            planner: planner, adapters: adapters, kafka: broker.properties, cluster: broker.clusterID)
        async let started: Void = worker.start()
        var began: ContinuousClock.Instant?
        while true {
            var next: Int64 = 0
            for partition: Int32 in 0..<4 {
                let source = LogPartition(cluster: broker.clusterID, topic: "orders", partition: partition)
                next += try await ledger.position(of: planner.worker, in: source)?.next ?? 0
            }
            if next > 0, began == nil { began = .now }
            let done = try await ledger.books(of: planner.worker).reduce(0) { $0 + ($1.rows[.done] ?? 0) }
            if next == orders, planner is AnalyticsPlanner || done == orders { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        let seconds = (ContinuousClock.now - began!).inSeconds
        try await started
        await worker.stop(by: .now + .seconds(5))
        await ledger.close()
        return seconds
    }
}
