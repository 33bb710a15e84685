import Access
import Crypto
import Database
import Orders
import Support
import Testing

@testable import Ledger

@Suite("Configuration") struct ConfigurationTests {
    func token(_ id: String, account: String = "acme") -> TokenRecord {
        TokenRecord(
            id: id, account: account, secretDigest: sha256([1]), scopes: [.read, .write],
            label: "shop", limitID: String(repeating: "0", count: 32), limit: 300)
    }

    @Test(
        "an account and its tokens are written with what must go to control, each change a version higher",
        arguments: LedgerMaker.shared)
    func outbox(maker: LedgerMaker) async throws {
        let ledger = try await Fixture(maker).ledger
        var account = AccountRecord(id: "acme", name: "Крамниця")
        try await ledger.put(account)
        account.locale = "en"
        try await ledger.put(account)
        try await ledger.put(token("0123456789abcdef"))
        let stored = try #require(try await ledger.account("acme"))
        #expect(stored.version == 2 && stored.locale == "en" && stored.name == "Крамниця")
        #expect(try await ledger.accounts() == [stored])
        let entries = try await ledger.outbox(limit: 10)
        #expect(entries.map(\.key) == ["account/acme", "account/acme", "token/0123456789abcdef"])
        #expect(try ControlRecord(key: entries[1].key, value: entries[1].value ?? []) == .account(stored))
        try await ledger.removeFromOutbox(entries.prefix(2).map(\.id))
        #expect(try await ledger.outbox(limit: 10).map(\.id) == [entries[2].id])
        try await ledger.republishControl()
        let republished = try await ledger.outbox(limit: 10).dropFirst()
        #expect(republished.map(\.key) == ["account/acme", "token/0123456789abcdef"])
        #expect(republished.first?.value == entries[1].value)
    }

    @Test("tokens are found by id and by account; a revoked one says so", arguments: LedgerMaker.shared)
    func tokens(maker: LedgerMaker) async throws {
        let ledger = try await Fixture(maker).ledger
        for (id, account) in [("a", "acme"), ("b", "acme"), ("c", "other")] {
            try await ledger.put(token(id, account: account))
        }
        var revoked = token("b")
        revoked.revokedAt = 5
        try await ledger.put(revoked)
        #expect(try await ledger.tokens(account: "acme").map(\.id) == ["a", "b"])
        #expect(try await ledger.tokens(account: nil).map(\.id) == ["a", "b", "c"])
        #expect(try await ledger.token("b")?.revokedAt == 5)
        #expect(try await ledger.token("d") == nil)
    }

    @Test(
        "a limit's number is one record, whose version is raised by its own changes alone",
        arguments: LedgerMaker.shared)
    func limits(maker: LedgerMaker) async throws {
        let ledger = try await Fixture(maker).ledger
        #expect(try await ledger.limit("ff") == nil)
        for limit in [300, 20] { try await ledger.put(LimitSetting(limitID: "ff", limit: limit)) }
        try await ledger.put(LimitSetting(limitID: "ee", limit: 7))
        let limit = try #require(try await ledger.limit("ff"))
        #expect(limit.limit == 20 && limit.version == 2)
        #expect(try await ledger.limits().map(\.limitID) == ["ee", "ff"])
        let entries = try await ledger.outbox(limit: 10)
        #expect(entries.map(\.key) == ["limit/ff", "limit/ff", "limit/ee"])
        #expect(entries[1].value == ControlRecord.limit(limit).encoded())
        try await ledger.removeFromOutbox(entries.map(\.id))
        try await ledger.republishControl()
        #expect(try await ledger.outbox(limit: 10).map(\.key) == ["limit/ee", "limit/ff"])
    }

    @Test("changes of one record by several at once all hold, one after another", arguments: LedgerMaker.shared)
    func concurrentChanges(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let other = try fixture.another()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let ledger = number % 2 == 0 ? fixture.ledger : other
                    try? await ledger.put(AccountRecord(id: "acme", name: "name \(number)"))
                }
            }
        }
        #expect(try await fixture.ledger.account("acme")?.version == 8)
        #expect(try await fixture.ledger.outbox(limit: 100).count == 8)
        await other.close()
    }

    @Test(
        "a connection's secret is sealed for its id, and opened only with the key it was sealed with",
        arguments: LedgerMaker.shared)
    func connections(maker: LedgerMaker) async throws {
        let key = try SealingKey([UInt8](repeating: 7, count: 32))
        let fixture = try await Fixture(maker, sealing: SealingKeys(key))
        let since = Timestamp(milliseconds: 42)
        let hubspot = Connection(
            id: "hub", account: "acme", kind: "hubspot", url: "https://api.example.org", secret: "pat-123", since: since
        )
        var off = hubspot
        off.id = "off"
        off.account = "other"
        off.isEnabled = false
        try await fixture.ledger.put(hubspot)
        try await fixture.ledger.put(off)
        #expect(try await fixture.ledger.connections(account: nil) == [hubspot, off])
        #expect(try await fixture.ledger.connections(account: "other") == [off])
        let sealed = try await fixture.database.read(Statement("SELECT secret FROM connections"))
        for row in sealed {
            #expect(!String(decoding: row[0].blob ?? [], as: UTF8.self).contains("pat-123"))
        }
        #expect(sealed.count == 2)
        let keyless = try fixture.another()
        for connection in try await keyless.connections(account: nil) {
            #expect(connection.account == "acme" || connection.account == "other")
            let error = #expect(throws: SealedSecretError.self) { try connection.openedSecret() }
            #expect(
                error?.description.contains("connection \(connection.id) cannot be opened: SECRETS_KEY is not set")
                    == true)
        }
        await expect(.other) { try await keyless.put(hubspot) }
        #expect(try await keyless.connections(account: "nobody").isEmpty)
        await keyless.close()
    }

    @Test("a lease has one owner at a time, who may prolong it, until it runs out", arguments: LedgerMaker.shared)
    func leases(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        #expect(try await ledger.takeLease("outbox", owner: "a", milliseconds: 1_000))
        #expect(try await ledger.takeLease("outbox", owner: "b", milliseconds: 1_000) == false)
        #expect(try await ledger.takeLease("other", owner: "b", milliseconds: 1_000))
        fixture.clock.advance(900)
        #expect(try await ledger.takeLease("outbox", owner: "a", milliseconds: 1_000))
        fixture.clock.advance(999)
        #expect(try await ledger.takeLease("outbox", owner: "b", milliseconds: 1_000) == false)
        fixture.clock.advance(1)
        #expect(try await ledger.takeLease("outbox", owner: "b", milliseconds: 1_000))
        #expect(try await ledger.takeLease("outbox", owner: "a", milliseconds: 1_000) == false)
    }

    @Test("links are kept by connection, and the newer one holds", arguments: LedgerMaker.shared)
    func links(maker: LedgerMaker) async throws {
        let ledger = try await Fixture(maker).ledger
        #expect(try await ledger.link(connection: "hub", ours: "deal/1") == nil)
        try await ledger.putLink(connection: "hub", ours: "deal/1", theirs: "77")
        try await ledger.putLink(connection: "hub", ours: "deal/1", theirs: "78")
        #expect(try await ledger.link(connection: "hub", ours: "deal/1") == "78")
        #expect(try await ledger.link(connection: "other", ours: "deal/1") == nil)
    }

    @Test("a process counts while its heartbeat is younger than 15 s", arguments: LedgerMaker.shared)
    func heartbeats(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        try await ledger.heartbeat(process: "p", worker: "crm")
        try await ledger.heartbeat(process: "p", worker: "confirmations")
        fixture.clock.advance(10_000)
        try await ledger.heartbeat(process: "q", worker: "crm")
        #expect(try await ledger.liveProcesses(of: "crm") == 2)
        fixture.clock.advance(5_000)
        #expect(try await ledger.liveProcesses(of: "crm") == 1)
        fixture.clock.advance(60_000)
        try await ledger.heartbeat(process: "r", worker: "crm")
        #expect(try await fixture.number("SELECT count(*) FROM processes") == 1)
    }

    @Test("an address that names no database of ours is told, without what it holds")
    func addresses() async throws {
        for url in ["postgresql://user:hunter2@[::1/db", "mysql://x:hunter2@host", "sqlite:", "orderrelay.db"] {
            do throws(LedgerError) {
                _ = try Ledger.open(url: url, sealing: nil, now: { 0 })
                Issue.record("\(url) was opened")
            } catch {
                #expect(error.code == .other && !error.message.contains("hunter2"))
            }
        }
        let ledger = try Ledger.open(url: "sqlite::memory:", sealing: nil, now: { 0 })
        try await ledger.migrate()
        #expect(try await ledger.accounts().isEmpty)
    }
}
