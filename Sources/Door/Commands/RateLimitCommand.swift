import Access
import CommandLine
import Control
import Ingest
import Kafka
import Ledger
import Lifecycle
import Limiter
import Orders
import RateLimit

/// `ratelimit show`, `ratelimit lift`.
enum RateLimitCommand {
    static let actions = [
        Action(
            Command(
                "ratelimit show", options: options,
                "shows a limit's state, which processes spent it, and its restriction"), run: show),
        Action(
            changing: Command(
                "ratelimit lift", options: options,
                "removes a limit's restriction; takes effect everywhere within 2 s"), run: lift),
    ]

    private static let options = [
        Option("token", value: "ID", "the limit of this token"),
        Option("limit", value: "ID", "the limit with this id, 32 hexadecimal digits"),
    ]
    private static let timeout: Duration = .seconds(20)

    private static func check(_ invocation: Invocation) throws {
        guard invocation.isSet("token") != invocation.isSet("limit") else {
            throw WrongUse("give either --token ID or --limit ID")
        }
        if let text = invocation.value("limit"), LimitID(hexadecimal: text) == nil {
            throw WrongUse(
                "--limit must be 32 hexadecimal digits, not \(text): `orderrelay ratelimit show --token` prints it")
        }
    }

    private static func show(_ base: Base, _ invocation: Invocation) async throws {
        try check(invocation)
        try await base.withLedger { ledger in
            let token = try await token(invocation, ledger)
            try await show(base, token, VersionedLimit(of: token, ledger.limit(token.limitID)))
        }
    }

    private static func lift(_ base: Base, _ invocation: Invocation) async throws {
        try check(invocation)
        let author = try invocation.author()
        try await base.withLedger { ledger in
            let id =
                if let text = invocation.value("limit") { LimitID(hexadecimal: text)!.description } else {
                    try await token(invocation, ledger).limitID
                }
            try await lift(base, id, ledger, author)
        }
    }

    /// The named token, or one of those that share the named limit.
    private static func token(_ invocation: Invocation, _ ledger: Ledger) async throws -> TokenRecord {
        if let text = invocation.value("token") { return try await ledger.token(known: text) }
        let id = LimitID(hexadecimal: invocation.value("limit")!)!.description
        guard let token = try await ledger.tokens(account: nil).first(where: { $0.limitID == id }) else {
            throw Failure("no token counts against the limit \(id): `orderrelay token list` shows the tokens")
        }
        return token
    }

    /// Reads topic `ratelimit` as `ingest` does when it starts, and shows what it knows then.
    private static func show(_ base: Base, _ token: TokenRecord, _ configured: VersionedLimit) async throws {
        try await withControl(base) { control in
            let limiter = Limiter(.of(base.kafka, control, isEmbedded: false), metrics: base.metrics, log: base.log)
            try await start(limiter)
            guard let id = LimitID(hexadecimal: token.limitID) else {
                throw Failure("the limit id \(token.limitID) of the token is not 32 hexadecimal digits")
            }
            let restriction = control.restriction(token.limitID).map { Restriction(level: $0.level, until: $0.until) }
            let usage = limiter.usage(of: LimitTerms(id: id, configured: configured, restriction: restriction))
            await limiter.stop(by: .now + .seconds(1))
            guard let usage else { throw NotReady("topic ratelimit could not be read") }
            print("limit", token.limitID, separator: "\t")
            print("requests in any 60 s", usage.fields.limit, separator: "\t")
            print("free now", usage.fields.remaining, separator: "\t")
            print("next in seconds", usage.fields.resetSeconds, separator: "\t")
            let until = usage.restrictedUntil.map { Timestamp(milliseconds: $0).iso8601 }
            print("restricted until", until ?? "not restricted", separator: "\t")
            for spender in usage.spentBy { print("spent by \(spender.process)", spender.permits, separator: "\t") }
        }
    }

    /// Removes a restriction, and its level. Every process knows within 2 s.
    private static func lift(_ base: Base, _ limitID: String, _ ledger: Ledger, _ author: Author) async throws {
        try await withControl(base) { control in
            guard let restriction = control.restriction(limitID) else {
                print(limitID, "was not restricted", separator: "\t")
                return
            }
            // First: nothing is lifted that the trail does not record.
            try await ledger.noteLifting(ofLimit: limitID, level: restriction.level, by: author)
            let producer = try Producer(base.kafka)
            defer { Task { await producer.close(timeout: .seconds(1)) } }
            let key = ControlRecord.restriction(RestrictionRecord(limitID: limitID, level: 0, until: 0)).key
            _ = try await producer.send(
                OutgoingRecord(topic: ControlSnapshot.topic, key: Array(key.utf8), value: nil))
            print(limitID, "lifted", separator: "\t")
        }
    }

    private static func withControl(_ base: Base, _ body: (ControlReplica) async throws -> Void) async throws {
        let control = ControlReplica(base.kafka, metrics: base.metrics, log: base.log)
        try await start(control)
        do {
            try await body(control)
        } catch {
            await control.stop(by: .now + .seconds(1))
            throw error
        }
        await control.stop(by: .now + .seconds(1))
    }

    /// Starts a service; if it is not ready in time, stops it and throws what it waited for.
    private static func start(_ service: any Service) async throws {
        let impatience = Task<String?, Never> {
            do { try await Task.sleep(for: timeout) } catch { return nil }
            let why = service.notReady ?? "not started"
            await service.stop(by: .now + .seconds(1))
            return why
        }
        try await service.start()
        impatience.cancel()
        if let why = await impatience.value { throw NotReady("\(service.name) is not ready: \(why)") }
    }
}
