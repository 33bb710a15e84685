import Access
import Crypto
import Foundation
import Lifecycle
import Orders
import Support
import Synchronization
import Telemetry

/// `order-cost`: what checking, logging and metrics cost on the way of an order.
///
/// The bare program of `ingest-orders` does, one after the other, what `ingest` does for an order besides: each step is a
/// server of its own, under the same load in turns in one run, so that a step's cost is the difference to the one
/// before it. Beside it the same steps in a loop on one core.
enum OrderCost {
    static let usage = "[--rounds N] [CONNECTIONS]"

    static func run(_ words: [String]) async throws {
        var rest = words[...]
        var rounds = 5
        if rest.first == "--rounds" {
            rounds = rest.dropFirst().first.flatMap { Int($0) } ?? rounds
            rest = rest.dropFirst(2)
        }
        let connections = rest.first.flatMap { Int($0) } ?? 64
        OrderSteps.measure()
        let kafka = try RealKafka(brokers: 1)
        let brokers = kafka.bootstrapServers
        try await OrdersServers.prepare(brokers)
        var request = HTTPServerBenchmark.order
        request.fields[0] = "Authorization: Bearer \(OrdersServers.token.text)"
        let comparison = ServerComparison(rounds: rounds, warmUp: 1.5, connections: connections, request: request)
        let steps = OrderSteps.Extent.allCases.map { ($0.title, ["order-cost-server", brokers, $0.rawValue]) }
        try comparison.run(
            "\(connections) connections, linger 1 ms",
            [("bare, same record", ["ingest-bare", brokers, "1", "same-record", "batches"])] + steps + [
                ("ingest, a gate that grants always", ["ingest-ours", brokers, "1"])
            ])
        withExtendedLifetime(kafka) {}
    }

    /// The bare program with our steps: BROKERS EXTENT.
    static func serve(_ words: [String]) {
        // As `ingest`, the last of those that are compared.
        Scheduling.batch.apply()
        guard words.count == 2, let extent = OrderSteps.Extent(rawValue: words[1]) else { fatalError("BROKERS EXTENT") }
        let steps = OrderSteps(extent)
        let producer = BareProducer(brokers: words[0], lingerMilliseconds: 1)
        producer.making = { steps.record(of: $0) }
        HTTPBareServer.run(.publish(producer), fields: OrdersServers.answerFields)
    }
}

/// What `ingest` does for an order between reading its body and publishing it, as far as it can be done by itself.
final class OrderSteps: Sendable {
    /// Each does what those before it do, too.
    enum Extent: String, CaseIterable, Comparable {
        case checked, encoded, counted, logged

        var title: String {
            switch self {
            case .checked: "+ token checked, order read and checked"
            case .encoded: "+ digest, ids, event made and encoded"
            case .counted: "+ counted, duration recorded"
            case .logged: "+ a line of the log"
            }
        }

        static func < (one: Self, other: Self) -> Bool {
            allCases.firstIndex(of: one)! < allCases.firstIndex(of: other)!
        }
    }

    private let extent: Extent
    private let sample: BareRecord
    private let secret = ProvenSecret()
    private let control = Mutex<(tokens: [String: TokenRecord], accounts: [String: AccountRecord])>(([:], [:]))
    private let accepted: Counter.Series
    private let requests: Counter
    private let seconds: Histogram.Series
    private let log: Log

    init(_ extent: Extent) {
        self.extent = extent
        guard let sample = try? OrdersServers.sampleRecord() else { fatalError("the benchmark's order is at fault") }
        self.sample = sample
        let metrics = Metrics()
        accepted = metrics.counter("accepted_total", "Benchmark.").labelled()
        requests = metrics.counter("requests_total", "Benchmark.", labels: ["call", "status"])
        seconds = metrics.histogram("seconds", "Benchmark.").labelled()
        log = Log(process: "benchmark")
        let token = OrdersServers.token
        control.withLock { control in
            control.tokens[token.id] = TokenRecord(
                id: token.id, account: "shop", secretDigest: token.secretDigest, scopes: [.write], label: "benchmark",
                limitID: String(repeating: "0", count: 32), limit: 1_000_000)
            control.accounts["shop"] = AccountRecord(id: "shop", name: "A shop")
        }
        if extent == .logged { Self.divertLog() }
    }

    /// The log goes to a file that nobody sees, as a service manager's would.
    private static func divertLog() {
        let file = tmpfile()
        dup2(fileno(file), 2)
    }

    func record(of body: [UInt8]) -> BareRecord {
        let began = ContinuousClock.now
        let account = authenticated()
        let draft = read(body, account)
        let record = extent >= .encoded ? encode(draft, account) : sample
        if extent >= .counted { count(since: began) }
        if extent >= .logged { write() }
        return record
    }

    private func authenticated() -> AccountRecord {
        let authentication = authenticate(
            OrdersServers.token.text, token: { id in control.withLock { $0.tokens[id] }.map { ($0, secret) } },
            account: { id in control.withLock { $0.accounts[id] } }, now: WallClock.milliseconds())
        guard case .granted(let token, let account) = authentication, token.allows(.write) else {
            fatalError("the benchmark's token is refused")
        }
        return account
    }

    private func read(_ body: [UInt8], _ account: AccountRecord) -> OrderDraft {
        let settings = AccountSettings(
            localeTag: account.locale, country: account.country, currencyCode: account.currency)
        guard let draft = try? OrderDraft.read(body, settings: settings) else {
            fatalError("the benchmark's order is refused")
        }
        return draft
    }

    private func encode(_ draft: OrderDraft, _ account: AccountRecord) -> BareRecord {
        let form = CanonicalForm(draft)
        let order = OrderID(account: account.id, .external(id: draft.externalID ?? "", source: draft.source))
        let trace = TraceContext { UInt64.random(in: .min ... .max) }
        let event = Event(
            id: EventID.created(order).text, account: account.id, order: order,
            time: Timestamp(milliseconds: WallClock.milliseconds()), digest: form.digest,
            traceparent: trace.traceparent, content: .created(draft)
        )
        return BareRecord(event.encoded(form))
    }

    /// Just what `ingest` counts and records for an order that is answered 201.
    private func count(since began: ContinuousClock.Instant) {
        accepted.add()
        seconds.record(ContinuousClock.now - began)
        requests.add(1, "createOrder", "201")
    }

    /// `ingest` writes no line for an order; this is what one would cost.
    private func write() {
        log.info(
            "order accepted", ["order": "0123456789abcdef01234567", "partition": "7", "requestId": "0123456789abcdef"])
    }

    /// Prints what each step takes in a loop on one core.
    static func measure(rounds: Int = 9, orders: Int = 20_000) {
        let pieces = HTTPServerBenchmark.order.body
        let bodies = (0..<64).map { Array(pieces.replacingOccurrences(of: "{n}", with: "\(100_000 + $0)").utf8) }
        let standardError = dup(2)
        defer { dup2(standardError, 2) }
        let steps = OrderSteps(.logged)
        let account = steps.authenticated()
        let drafts = bodies.map { steps.read($0, account) }
        let parts: [(String, (Int) -> Void)] = [
            ("token checked", { _ in _ = steps.authenticated() }),
            ("order read and checked", { _ = steps.read(bodies[$0 & 63], account) }),
            ("digest, ids, event made and encoded", { _ = steps.encode(drafts[$0 & 63], account) }),
            ("counted, duration recorded", { _ in steps.count(since: .now) }),
            ("a line of the log, made and written to a file", { _ in steps.write() }),
        ]
        var times = [[Double]](repeating: [], count: parts.count)
        for _ in 0..<rounds {
            for (index, part) in parts.enumerated() {
                let began = ContinuousClock.now
                for number in 0..<orders { part.1(number) }
                times[index].append((ContinuousClock.now - began) / .microseconds(orders))
            }
        }
        print("in a loop on one core, \(bodies[0].count) bytes an order, median of \(rounds) rounds [fastest–slowest]:")
        for (index, part) in parts.enumerated() {
            let sorted = times[index].sorted().map { ($0 * 100).rounded() / 100 }
            print("  \(part.0)\t\(sorted[rounds / 2]) µs [\(sorted[0])–\(sorted[rounds - 1])]")
        }
    }
}
