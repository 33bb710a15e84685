import Crypto
import Database
import Orders
import Support
import Testing

@testable import Ledger

@Suite("A new SECRETS_KEY") struct SealingTests {
    private static func key(_ byte: UInt8) -> SealingKey { try! SealingKey([UInt8](repeating: byte, count: 32)) }
    private static let old = key(1)
    private static let new = key(2)
    private static let both = SealingKeys(new, older: old)

    private static func connection(_ number: Int) -> Connection {
        let id = "c" + String(1_000 + number).dropFirst()
        return Connection(
            id: id, account: number.isMultiple(of: 2) ? "even" : "odd", kind: "hubspot", url: "https://crm.example",
            secret: .opened("pat-\(number)"), since: epoch)
    }

    /// Connections that are sealed with the old key.
    private func scene(_ maker: LedgerMaker, _ count: Int) async throws -> Fixture {
        let fixture = try await Fixture(maker, sealing: SealingKeys(Self.old))
        for number in 0..<count { try await fixture.ledger.put(Self.connection(number)) }
        return fixture
    }

    /// As versions before sealed it.
    private func sealPlainly(_ number: Int, with key: SealingKey, _ fixture: Fixture) async throws {
        let id = Self.connection(number).id
        let box = try key.seal(Array("pat-\(number)".utf8), context: id)
        _ = try await fixture.database.transaction([
            Statement("UPDATE connections SET secret = $1 WHERE id = $2", [.blob(box), .text(id)])
        ])
    }

    @Test(
        "both keys open; rotated, the new one alone does, and the old one does not", arguments: LedgerMaker.shared)
    func rotation(maker: LedgerMaker) async throws {
        let fixture = try await scene(maker, 250)
        let connections = (0..<250).map(Self.connection)
        let ledger = try fixture.another(sealing: Self.both)
        #expect(try await ledger.connections(account: nil) == connections)
        try await sealPlainly(7, with: Self.old, fixture)
        try await sealPlainly(8, with: Self.new, fixture)
        #expect(try await ledger.connections(account: nil) == connections)
        #expect(try await ledger.sealedSecrets() == SealedSecrets(present: 0, older: 250, unopened: []))

        var steps: [SecretsRotation] = []
        try await ledger.rotateSecrets(by: "olena") { steps.append($0) }
        #expect(steps.map(\.resealed) == [100, 200, 250] && steps.map(\.seen) == [100, 200, 250])
        #expect(try await ledger.sealedSecrets() == SealedSecrets(present: 250, older: 0, unopened: []))
        #expect(try await fixture.number("SELECT count(*) FROM audit WHERE action = 'secrets.rotate'") == 3)
        // Nothing is written the second time.
        let before = try await fixture.database.read(Statement("SELECT id, secret FROM connections ORDER BY id"))
        try await ledger.rotateSecrets(by: "olena")
        #expect(try await fixture.database.read(Statement("SELECT id, secret FROM connections ORDER BY id")) == before)
        #expect(try await fixture.number("SELECT count(*) FROM audit WHERE action = 'secrets.rotate'") == 3)

        let after = try fixture.another(sealing: SealingKeys(Self.new))
        #expect(try await after.connections(account: nil) == connections)
        for connection in try await fixture.ledger.connections(account: nil) {
            let error = #expect(throws: SealedSecretError.self) { try connection.openedSecret() }
            #expect(error?.description.contains(Self.new.id) == true)
        }
        for one in [ledger, after] { await one.close() }
    }

    @Test("an old key that is removed too early: that connection says which and what to do, the others go on")
    func removedEarly() async throws {
        let fixture = try await scene(try #require(LedgerMaker.shared.first), 2)
        let ledger = try fixture.another(sealing: SealingKeys(Self.new))
        try await ledger.put(Self.connection(5))
        let connections = try await ledger.connections(account: nil)
        #expect(connections.map(\.id) == ["c000", "c001", "c005"])
        #expect(try connections[2].openedSecret() == "pat-5")
        for connection in connections.prefix(2) {
            let words = #expect(throws: SealedSecretError.self) { try connection.openedSecret() }?.description ?? ""
            #expect(words.contains("connection \(connection.id) ") && words.contains("SECRETS_KEY_OLD"), "\(words)")
            #expect(words.contains(Self.old.id) && words.contains(Self.new.id), "\(words)")
            await expect(.other) { try await ledger.put(connection) }
        }
        // It is counted, left as it is, and keeps nobody up.
        try await ledger.rotateSecrets(by: "olena")
        let secrets = try await ledger.sealedSecrets()
        #expect(secrets.present == 1 && secrets.older == 0 && secrets.unopened.map(\.connection) == ["c000", "c001"])
        // With the key back all is well.
        let healed = try fixture.another(sealing: Self.both)
        try await healed.rotateSecrets(by: "olena")
        #expect(try await healed.sealedSecrets() == SealedSecrets(present: 3, older: 0, unopened: []))
        for one in [ledger, healed] { await one.close() }
    }

    @Test("a value that was changed is told from the others, which are resealed", arguments: LedgerMaker.shared)
    func changed(maker: LedgerMaker) async throws {
        let fixture = try await scene(maker, 3)
        _ = try await fixture.database.transaction([
            Statement("UPDATE connections SET secret = $1 WHERE id = 'c001'", [.blob([1, 2, 3])])
        ])
        let ledger = try fixture.another(sealing: Self.both)
        try await ledger.rotateSecrets(by: "olena")
        let secrets = try await ledger.sealedSecrets()
        #expect(secrets.present == 2 && secrets.unopened.map(\.connection) == ["c001"])
        await ledger.close()
    }

    @Test("a connection that a command changes meanwhile keeps the command's change", arguments: LedgerMaker.shared)
    func meanwhile(maker: LedgerMaker) async throws {
        let fixture = try await scene(maker, 3)
        let failing = FailingDatabase(fixture.database)
        var other = Self.connection(1)
        other.secret = "pat-of-the-command"
        failing.meanwhile.now = { [other, ledger = fixture.ledger] in try? await ledger.put(other) }
        let ledger = Ledger(database: failing, sealing: Self.both)
        try await ledger.rotateSecrets(by: "olena")
        #expect(try await ledger.sealedSecrets() == SealedSecrets(present: 3, older: 0, unopened: []))
        #expect(try await ledger.connection("c001")?.openedSecret() == "pat-of-the-command")
        // And the other way round: what a command has read before is not written back.
        let read = try #require(try await fixture.ledger.connection("c002"))
        try await fixture.ledger.setOptions(["pipeline": "p"], of: read, by: "taras")
        #expect(try await ledger.sealedSecrets().present == 3)
        #expect(try await ledger.connection("c002")?.options == ["pipeline": "p"])
        await expect(.fenced) { try await fixture.ledger.setOptions(["pipeline": "q"], of: read, by: "taras") }
    }

    @Test(
        "several rotations at once, and one that is interrupted, end with every secret readable",
        arguments: LedgerMaker.shared)
    func together(maker: LedgerMaker) async throws {
        let fixture = try await scene(maker, 230)
        let failing = FailingDatabase(fixture.database)
        failing.next.now = [.well, .losesAnswers]
        let interrupted = Ledger(database: failing, sealing: Self.both)
        await expect(.unavailable) { try await interrupted.rotateSecrets(by: "olena") }
        #expect(try await interrupted.sealedSecrets() == SealedSecrets(present: 200, older: 30, unopened: []))
        let ledgers = try (0..<3).map { _ in try fixture.another(sealing: Self.both) }
        await withTaskGroup(of: Void.self) { group in
            for ledger in ledgers { group.addTask { try? await ledger.rotateSecrets(by: "olena") } }
        }
        #expect(try await ledgers[0].sealedSecrets() == SealedSecrets(present: 230, older: 0, unopened: []))
        #expect(try await ledgers[0].connections(account: nil) == (0..<230).map(Self.connection))
        for ledger in ledgers { await ledger.close() }
    }

    @Test("without a key nothing is counted or rotated, and it is said")
    func keyless() async throws {
        let ledger = try await Ledger.made()
        await expect(.other) { try await ledger.rotateSecrets(by: "olena") }
        await expect(.other) { try await ledger.sealedSecrets() }
    }
}
