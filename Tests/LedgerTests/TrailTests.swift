import Access
import Crypto
import Database
import Foundation
import Orders
import Support
import Testing

@testable import Ledger

@Suite("The audit trail") struct TrailTests {
    /// A verb that changes the configuration, or has something done once more, and what it must leave on the trail.
    struct Verb: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let actions: [TrailAction]
        let prepare: @Sendable (Ledger) async throws -> Void
        let perform: @Sendable (Ledger, Author) async throws -> Void

        init(
            _ name: String, _ actions: TrailAction...,
            after prepare: @escaping @Sendable (Ledger) async throws -> Void = { _ in },
            _ perform: @escaping @Sendable (Ledger, Author) async throws -> Void
        ) {
            testDescription = name
            self.actions = actions
            self.prepare = prepare
            self.perform = perform
        }
    }

    private static let shop = AccountRecord(id: "acme", name: "Acme")
    private static let limitID = String(repeating: "0", count: 32)
    private static let hubspot = Connection(
        id: "hub", account: "acme", kind: "hubspot", url: "https://api.example.org/?key=hunter2", secret: "pat-hunter2",
        since: epoch, options: ["pipeline": "default"])
    private static let keys = SealingKeys(
        try! SealingKey([UInt8](repeating: 7, count: 32)), older: try! SealingKey([UInt8](repeating: 6, count: 32)))

    private static func token(revoked: Bool = false, label: String = "olena@example.com") -> TokenRecord {
        var token = TokenRecord(
            id: "t1", account: "acme", secretDigest: sha256([1]), scopes: [.read], label: label, limitID: limitID,
            limit: 300)
        token.revokedAt = revoked ? epoch.milliseconds : nil
        return token
    }

    private static func takeInDead(_ ledger: Ledger) async throws {
        _ = try await ledger.position(of: "confirmations", in: partition, base: 0)
        let rows = try await ledger.takeIn(batch([event(1)], room: 1))
        _ = try await ledger.complete(rows.map { completion($0, .dead(reason: "550 gone")) }, owner: "a")
    }

    private static func makeReplay(_ ledger: Ledger, by author: Author) async throws -> String {
        let selection = ReplaySelection(account: "acme", destination: "email", reason: "550")
        return try await ledger.makeReplay(
            selection, tally: try await ledger.tally(selection), name: "for olena@example.com", author: author, rate: 5)
    }

    private static func sealWithOldKey(_ ledger: Ledger) async throws {
        let old = Ledger(database: ledger.database, sealing: SealingKeys(keys.older!))
        try await old.put(hubspot)
    }

    static let verbs = [
        Verb("put an account", .accountCreated) { try await $0.put(shop, by: $1) },
        Verb("change an account", .accountSet, after: { try await $0.put(shop) }) {
            var account = shop
            account.locale = "en"
            try await $0.put(account, by: $1)
        },
        Verb("put a token", .tokenCreated) { try await $0.put(token(), by: $1) },
        Verb("change a token", .tokenSet, after: { try await $0.put(token()) }) {
            try await $0.put(token(label: "till"), by: $1)
        },
        Verb("revoke a token", .tokenRevoked, after: { try await $0.put(token()) }) {
            try await $0.put(token(revoked: true), by: $1)
        },
        Verb("put a limit", .limitSet) { try await $0.put(LimitSetting(limitID: limitID, limit: 5), by: $1) },
        Verb("put a connection", .connectionCreated) { try await $0.put(hubspot, by: $1) },
        Verb("put a connection again", .connectionSet, after: { try await $0.put(hubspot) }) {
            try await $0.put(hubspot, by: $1)
        },
        Verb("set a connection's options", .connectionSet, after: { try await $0.put(hubspot) }) {
            try await $0.setOptions(["pipeline": "other"], of: hubspot, by: $1)
        },
        Verb("rotate secrets", .secretsRotated, after: sealWithOldKey) { try await $0.rotateSecrets(by: $1) },
        Verb("lift a restriction", .restrictionLifted) {
            try await $0.noteLifting(ofLimit: limitID, level: 2, by: $1)
        },
        Verb("make a replay", .replayMade, after: takeInDead) { _ = try await makeReplay($0, by: $1) },
        Verb("set a replay's rate", .replaySet, after: makeReplay) {
            _ = try await $0.setRate(9, ofReplay: try await $0.replays(limit: 1)[0].id, by: $1)
        },
        Verb("abort a replay", .replayAborted, after: makeReplay) {
            _ = try await $0.abortReplay(try await $0.replays(limit: 1)[0].id, by: $1)
        },
        Verb("set the retention", .retentionSet) {
            try await $0.setRetention(Retention(days: 30, ordersDays: 400, auditDays: nil)!, by: $1)
        },
        Verb("prune by hand", .pruneBegun, .pruneEnded) {
            _ = try await $0.prune(owner: "p", by: $1) { _ in true }
        },
        Verb("accept a loss", .lossAccepted, after: stop) {
            try await $0.bookLost(of: "confirmations", in: partition, from: 1, to: 5, by: $1)
        },
        Verb("begin a reintake", .reintakeBegun) { try await $0.noteReintake(by: $1) },
        Verb("end a reintake", .reintakeEnded) { try await $0.raiseBeat(to: 7, by: $1) },
        Verb("apply a rebuild", .rebuildApplied, after: { _ = try await $0.beginRebuild(owner: "r") }) {
            let recount = Recount(events: 3, buckets: 2, buyers: 1, firstDifference: nil)
            try await $0.applyRebuild(owner: "r", recount, by: $1)
        },
    ]

    private static func makeReplay(_ ledger: Ledger) async throws {
        try await takeInDead(ledger)
        _ = try await makeReplay(ledger, by: "test")
    }

    private static func stop(_ ledger: Ledger) async throws {
        _ = try await ledger.position(of: "confirmations", in: partition, base: 0)
        _ = try await ledger.takeIn(batch([event(1)]))
        try await ledger.noteStop(of: "confirmations", in: partition, why: "records 1 to 4 were deleted")
    }

    private func entries(_ ledger: Ledger, _ filter: TrailFilter = TrailFilter()) async throws -> [TrailEntry] {
        var entries: [TrailEntry] = []
        try await ledger.trail(filter) { entry in
            entries.append(entry)
            return true
        }
        return entries
    }

    @Test("there is a verb for each action") func actions() {
        #expect(Set(Self.verbs.flatMap(\.actions)) == Set(TrailAction.allCases))
    }

    /// Tables that a verb changes.
    private static let tables = [
        "accounts", "tokens", "limits", "connections", "outbox", "retention", "replays", "replay_parts", "beat",
        "positions", "stopped_partitions", "stats", "rebuild_positions",
    ]

    private func state(_ fixture: Fixture) async throws -> [[Row]] {
        var state: [[Row]] = []
        for table in Self.tables {
            state.append(try await fixture.database.read(Statement("SELECT * FROM \(table)")))
        }
        return state
    }

    @Test(
        "every verb says who did what and when, without a secret or a person, and changes nothing where it cannot",
        arguments: LedgerMaker.all, verbs)
    func written(maker: LedgerMaker, verb: Verb) async throws {
        let fixture = try await Fixture(maker, sealing: Self.keys)
        try await verb.prepare(fixture.ledger)
        let (before, stateBefore) = (try await entries(fixture.ledger).count, try await state(fixture))
        let failing = FailingDatabase(fixture.database)
        failing.refused.now = "nobody writes this"
        let refused = Ledger(database: failing, sealing: Self.keys)
        await expect(.data) { try await verb.perform(refused, "nobody writes this") }
        #expect(try await state(fixture) == stateBefore)
        #expect(try await entries(fixture.ledger).count == before)

        fixture.clock.advance(1_234)
        try await verb.perform(fixture.ledger, "olena")
        let written = try await entries(fixture.ledger).dropFirst(before)
        #expect(written.map(\.action) == verb.actions.map(\.rawValue))
        for entry in written {
            #expect(entry.author == "olena" && entry.at.milliseconds == Fixture.start + 1_234)
            #expect(!entry.subject.isEmpty)
        }
        let words = try await fixture.database.read(
            Statement("SELECT author, action, subject, account, was, became FROM audit")
        ).joined().compactMap(\.text).joined(separator: " ")
        #expect(!words.contains("hunter2") && !words.contains("@") && !words.contains("\(sha256([1]))"), "\(words)")
    }

    @Test("a change says what was and what is, and only that", arguments: LedgerMaker.all)
    func differences(maker: LedgerMaker) async throws {
        let ledger = try await Fixture(maker, sealing: Self.keys).ledger
        var account = Self.shop
        try await ledger.put(account, by: "a")
        account.locale = "en"
        try await ledger.put(account, by: "b")
        try await ledger.put(Self.token(), by: "c")
        try await ledger.put(Self.token(revoked: true), by: "d")
        try await ledger.put(Self.hubspot, by: "e")
        try await ledger.setRetention(try #require(Retention(days: 30, ordersDays: nil)), by: "f")
        let entries = try await entries(ledger)
        #expect(entries.map(\.author) == ["a", "b", "c", "d", "e", "f"])
        #expect(entries[0].before.isEmpty && entries[0].after["name"] == "Acme" && entries[0].after["locale"] == "uk")
        #expect(entries[1].before == ["locale": "uk"] && entries[1].after == ["locale": "en"])
        #expect(entries[1].subject == "acme" && entries[1].account == "acme")
        #expect(entries[2].after["scopes"] == "read" && entries[2].after["label"] == "…")
        #expect(entries[3].before.isEmpty && entries[3].after == ["revokedAt": epoch.iso8601])
        #expect(
            entries[4].after["url"] == "https://api.example.org/?…" && entries[4].after["options.pipeline"] == "default"
        )
        #expect(entries[5].before == ["days": "90"] && entries[5].after == ["days": "30"])
    }

    @Test("the trail records every member of a record, but its version and what its secret is known by")
    func members() {
        func names(_ record: Any, _ left: Set<String>) -> Set<String> {
            Set(Mirror(reflecting: record).children.compactMap(\.label)).subtracting(left)
        }
        var token = Self.token(revoked: true)
        token.expiresAt = 5
        #expect(Set(Trailed.members(Self.shop).keys) == names(Self.shop, ["id", "version"]))
        #expect(Set(Trailed.members(token).keys) == names(token, ["id", "account", "secretDigest", "version"]))
        #expect(Set(Trailed.members(LimitSetting(limitID: "l", limit: 1)).keys) == ["limit"])
        var connection = Self.hubspot
        connection.options = [:]
        #expect(
            Set(Trailed.members(connection).keys) == names(connection, ["id", "account", "secret", "options"]))
        #expect(Set(Trailed.members(Retention.standard).keys) == names(Retention.standard, []))
        let selection = ReplaySelection(
            orders: (0..<60).map { orderID($0) }, account: "a", worker: "w", destination: "email", connection: "c",
            from: epoch, to: epoch, reason: "r")
        #expect(Set(Trailed.members(selection).keys) == names(selection, ["account"]))
        #expect(Trailed.members(selection)["orders"]?.hasSuffix("and 10 more") == true)
    }

    @Test(
        "what a person wrote goes on without addresses and phones",
        arguments: [
            ("for olena@example.com, again", "for … again"), ("call +380671234567 or 0671234567", "call … or …"),
            (
                "dead from 2026-11-24T00:00:00.000Z to crm/9 550 5.1.1",
                "dead from 2026-11-24T00:00:00.000Z to crm/9 550 5.1.1"
            ),
        ])
    func personal(text: String, masked: String) { #expect(PersonalText.masked(text) == masked) }

    @Test(
        "an address goes on without its login and its query",
        arguments: [
            ("https://a:b@host/x", "https://…@host/x"), ("https://host/x?token=1", "https://host/x?…"),
            ("https://host/x#1", "https://host/x?…"), ("https://host", "https://host"), ("host", "host"),
        ])
    func addresses(url: String, shown: String) { #expect(PersonalText.withoutCredentials(url) == shown) }

    @Test(
        "it is read by time, author, action, subject and account, over any number of pages", arguments: LedgerMaker.all)
    func filters(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        for number in 0..<533 {
            if number.isMultiple(of: 3) { fixture.clock.advance(1) }
            try await ledger.put(
                LimitSetting(limitID: "l\(number % 2)", limit: number), by: number.isMultiple(of: 2) ? "even" : "odd")
        }
        try await ledger.put(Self.shop, by: "olena")
        let all = try await entries(ledger)
        #expect(all.count == 534 && Set(all.map(\.id)).count == 534)
        #expect(all.dropLast().map(\.after) == (0..<533).map { ["limit": "\($0)"] })
        var filter = TrailFilter()
        filter.author = "even"
        #expect(try await entries(ledger, filter).count == 267)
        filter.subject = "l1"
        #expect(try await entries(ledger, filter).isEmpty)
        filter = TrailFilter()
        filter.action = "account"
        #expect(try await entries(ledger, filter).map(\.author) == ["olena"])
        filter = TrailFilter()
        filter.account = "acme"
        #expect(try await entries(ledger, filter).map(\.subject) == ["acme"])
        filter = TrailFilter()
        filter.from = Timestamp(milliseconds: Fixture.start + 2)
        filter.to = Timestamp(milliseconds: Fixture.start + 4)
        #expect(try await entries(ledger, filter).map(\.after) == (3..<9).map { ["limit": "\($0)"] })
        var seen = 0
        try await ledger.trail(TrailFilter()) { _ in
            seen += 1
            return seen < 7
        }
        #expect(seen == 7)
    }

    @Test("it goes after a time of its own, or never", arguments: LedgerMaker.all)
    func retention(maker: LedgerMaker) async throws {
        let bench = try await RetentionBench(maker)
        func prune() async throws { _ = try await bench.ledger.prune(owner: "p") { _ in true } }
        try await bench.ledger.put(Self.shop, by: "old")
        bench.pass(days: 500)
        try await bench.ledger.put(Self.shop, by: "young")
        bench.pass(days: 230)
        try await prune()
        #expect(try await entries(bench.ledger).map(\.author) == ["old", "young"])
        bench.pass(days: 2)
        try await prune()
        #expect(try await entries(bench.ledger).map(\.author) == ["young"])
        let forever = try #require(Retention(days: 90, ordersDays: nil, auditDays: nil))
        try await bench.ledger.setRetention(forever, by: "young")
        #expect(try await bench.ledger.retention() == forever)
        bench.pass(days: 3_000)
        try await prune()
        #expect(try await entries(bench.ledger).map(\.author) == ["young", "young"])
        #expect(Retention(days: 90, ordersDays: nil, auditDays: 7) == nil)
    }

    @Test("the retention is set by one program at a time", arguments: LedgerMaker.shared)
    func retentionAtOnce(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let failing = FailingDatabase(fixture.database)
        failing.meanwhile.now = { [ledger = fixture.ledger] in
            try? await ledger.setRetention(Retention(days: 30, ordersDays: 60)!, by: "first")
        }
        let second = Ledger(database: failing, sealing: nil)
        await expect(.fenced) { try await second.setRetention(Retention(days: 40, ordersDays: nil)!, by: "second") }
        #expect(try await fixture.ledger.retention() == Retention(days: 30, ordersDays: 60))
        #expect(try await entries(fixture.ledger).map(\.author) == ["first"])
    }

    /// The tables of what the trail is about, and the statements that write them without it, with the reason.
    private static let trailed = "accounts|tokens|limits|connections|retention|replays|audit"
    private static let others = [
        "INSERT INTO audit": "the trail itself", "DELETE FROM audit": "retention's",
        "UPDATE replays SET state = 'running'": "a step's fence; changes nothing",
        "UPDATE replays SET state = 'done'": "a replay's own end", "DELETE FROM replays": "retention's",
        "UPDATE retention SET closed_before": "a prune's progress",
        "UPDATE retention SET counted_before": "a prune's progress",
        "INSERT INTO retention": "a new ledger's",
    ]
    /// Those that verbs above write with the trail.
    private static let written = [
        "INSERT INTO accounts", "INSERT INTO tokens", "INSERT INTO limits", "INSERT INTO connections",
        "UPDATE connections SET options", "UPDATE connections AS c SET secret", "INSERT INTO replays",
        "UPDATE replays SET rate", "UPDATE replays SET state = 'aborted'", "UPDATE retention SET days",
    ]

    @Test("no other statement of the ledger writes what the trail is about")
    func statements() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../Sources/Runtime/Ledger")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap {
            $0 as? URL
        }
        let pattern = try Regex("(INSERT INTO|UPDATE|DELETE FROM) (\(Self.trailed))\\b[^\"\\n]*")
        let known = Self.written + Self.others.keys
        var found: Set<String> = []
        for file in files ?? [] where file.pathExtension == "swift" {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: pattern) {
                let text = String(match.output[0].substring!)
                let name = known.first { text.hasPrefix($0) }
                #expect(name != nil, "\(file.lastPathComponent): \(text): does it write the trail?")
                found.insert(name ?? text)
            }
        }
        #expect(found == Set(known))
    }
}
