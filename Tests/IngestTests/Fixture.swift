import Access
import Control
import Crypto
import HTTP
import Kafka
import Ledger
import Limiter
import Orders
import RateLimit
import Support
import Synchronization
import Telemetry
import Tracing

@testable import Ingest

/// A topic in memory that acknowledges or fails on demand.
final class PlayedTopic: EventProducer {
    private struct State {
        var records: [OutgoingRecord] = []
        var timeouts: [Duration] = []
        var failure: KafkaError?
        var partition: Int32?
    }
    private let state = Mutex(State())

    var records: [OutgoingRecord] { state.withLock { $0.records } }

    /// How long each acknowledgement would have been awaited.
    var timeouts: [Duration] { state.withLock { $0.timeouts } }

    func fail(with error: KafkaError?) { state.withLock { $0.failure = error } }

    /// All keys go to this partition; nil: nobody knows where.
    func putEverything(on partition: Int32?) { state.withLock { $0.partition = partition } }

    func partition(ofKey key: [UInt8], in topic: String) -> Int32? { state.withLock { $0.partition } }

    func send(_ record: OutgoingRecord, timeout: Duration) async throws(KafkaError) -> Acknowledgement {
        let failure = state.withLock { state in
            state.timeouts.append(timeout)
            if state.failure == nil { state.records.append(record) }
            return state.failure
        }
        if let failure { throw failure }
        return Acknowledgement(partition: 0, offset: Int64(records.count - 1))
    }

    /// The events on the topic, read back by the codec.
    func events() throws -> [Event] {
        try records.map { record in
            try Event(headers: record.headers.map { ($0.name, $0.value) }, value: record.value ?? [])
        }
    }
}

/// Accounts and tokens in memory.
final class PlayedControl: ControlLookup {
    let accounts: Mutex<[String: AccountRecord]> = Mutex([:])
    let tokens: Mutex<[String: TokenRecord]> = Mutex([:])

    func caller(_ tokenID: String) -> Caller? {
        guard let token = tokens.withLock({ $0[tokenID] }), let id = LimitID(hexadecimal: token.limitID),
            let account = accounts.withLock({ $0[token.account] })
        else { return nil }
        let limit = LimitTerms(id: id, configured: VersionedLimit(limit: token.limit, version: 0))
        return Caller(account: account, token: token, limit: limit)
    }
}

/// A gate with preset answers that counts requests.
final class PlayedGate: PermitGate {
    private struct State {
        var verdict = PermitDecision.granted
        var retryAfter: Int?
        var asked = 0
        var usage: LimitUsage?
    }

    private let state = Mutex(State())

    /// How often permits were asked for.
    var asked: Int { state.withLock { $0.asked } }

    func say(_ verdict: PermitDecision, retryAfter: Int? = nil) {
        state.withLock { ($0.verdict, $0.retryAfter) = (verdict, retryAfter) }
    }

    func tell(_ usage: LimitUsage?) { state.withLock { $0.usage = usage } }

    func permit(of terms: LimitTerms, count: Int) async -> LimitAnswer {
        state.withLock { state in
            state.asked += count
            return LimitAnswer(state.verdict, Self.fields(remaining: 212, reset: 3, retryAfter: state.retryAfter))
        }
    }

    func usage(of terms: LimitTerms) -> LimitUsage? { state.withLock { $0.usage } }

    static func fields(remaining: Int, reset: Int64, retryAfter: Int? = nil) -> RateLimitFields {
        let now = OwnTime(nanoseconds: 0)
        return RateLimitFields(
            Standing(limit: 300, remaining: remaining, nextPermitAt: now + reset * 1_000), now: now,
            retryAfterSeconds: retryAfter)
    }
}

/// One ingest process without sockets: its application, a topic in memory and a real ledger in memory.
struct Fixture {
    let control = PlayedControl()
    let topic: PlayedTopic
    let ledger: Ledger
    let token: Token
    let gate = PlayedGate()
    let watch: OrderWatch
    let application: IngestApplication
    let metrics = Metrics()
    /// What its calls are made of.
    let services: Services
    static let now = Timestamp(milliseconds: 1_790_000_000_000)

    /// - Parameters:
    ///   - ledger: another process's; nil: one of its own.
    ///   - heldMaximum: how many requests may wait for the ledger.
    ///   - tracer: nil: nothing is traced.
    init(
        topic: PlayedTopic = PlayedTopic(), ledger shared: Ledger? = nil, scopes: [Scope] = [.read, .write],
        foldsKeyless: Bool = true, heldMaximum: Int = OrderWatch.requestsMaximum, tracer: Tracer? = nil
    ) async throws {
        self.topic = topic
        if let shared { ledger = shared } else { ledger = try await .made(now: { Self.now.milliseconds }) }
        watch = OrderWatch(ledger, maximum: heldMaximum)
        let token = Token { Array(repeating: 7, count: $0) }
        self.token = token
        var account = AccountRecord(id: "shop", name: "A shop")
        account.foldsKeyless = foldsKeyless
        control.accounts.withLock { [account] in $0["shop"] = account }
        control.tokens.withLock {
            $0[token.id] = TokenRecord(
                id: token.id, account: "shop", secretDigest: token.secretDigest, scopes: scopes, label: "",
                limitID: String(repeating: "0", count: 32), limit: 300)
        }
        let ingestMetrics = IngestMetrics(metrics, log: Log(process: "test", write: { _ in }))
        let acceptance = Acceptance(
            publisher: Publisher(producer: topic, acknowledgementSeconds: ingestMetrics.acknowledgementSeconds),
            metrics: ingestMetrics)
        services = Services(
            acceptance: acceptance, ledger: ledger, watch: watch, unread: UnreadOrders(ledger, topic), gate: gate,
            now: { Self.now }, random: randomBytes)
        application = IngestApplication(
            services: services, control: control, proxies: TrustedProxies("10.0.0.0/8")!, registry: metrics,
            metrics: ingestMetrics, random: { UInt64.random(in: .min ... .max) }, tracer: tracer)
    }

    /// Sends a request through the application as the server does.
    func send(
        _ method: Method, _ path: String, _ body: String = "", fields: HeaderFields = [:], token: String? = nil,
        from peer: String = "127.0.0.1", arrivedAt: ContinuousClock.Instant = .now
    ) async -> Response {
        await send(
            method, path, bytes: Array(body.utf8), fields: fields, token: token, from: peer, arrivedAt: arrivedAt)
    }

    /// The same with a body of whatever bytes.
    func send(
        _ method: Method, _ path: String, bytes: [UInt8], fields: HeaderFields = [:], token: String? = nil,
        from peer: String = "127.0.0.1", arrivedAt: ContinuousClock.Instant = .now
    ) async -> Response {
        var fields = fields
        if fields["Authorization"] == nil, fields["X-Leeloo-AuthToken"] == nil, token != "" {
            fields["Authorization"] = "Bearer \(token ?? self.token.text)"
        }
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = parts.count > 1 ? (try? URLEncodedForm.parse(parts[1].utf8)) ?? [] : []
        let head = RequestHead(
            method: method, path: String(parts[0]), query: query, fields: fields, peer: peer,
            arrivedAt: arrivedAt)
        switch await application.admit(head) {
        case .answer(let response): return response
        case .read(let limit, let context):
            let length = fields["Content-Length"].flatMap { Int($0) } ?? bytes.count
            guard length <= limit else {
                return application.refusal(
                    status: 413, reason: "the body is larger than \(limit) bytes", context: context)
            }
            return await application.respond(to: Request(head: head, body: bytes), context: context)
        }
    }
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the first member of this name whose value is text.
    func member(_ name: String) -> String? {
        guard let start = text.firstRange(of: "\"\(name)\":\"") else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }
}
