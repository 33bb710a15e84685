import Crypto
import Ledger
import Orders
import Support
import Testing

/// How each receiver stands, from the ledger alone.
@Suite("How destinations stand") struct DestinationsTests {
    private func status(
        _ ledger: Ledger, _ destination: Destination = "email", of worker: String = "confirmations"
    ) async throws -> DestinationStatus {
        try #require(try await ledger.destinations(of: worker).first { $0.destination == destination })
    }

    @Test(
        "rows are counted by state, and the last answer is the latest of open and closed rows",
        arguments: LedgerMaker.all)
    func states(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        _ = try await ledger.position(of: "confirmations", in: partition, base: 0)
        #expect(try await ledger.destinations(of: "confirmations").isEmpty)

        let taken = try await ledger.takeIn(batch((1...4).map { event($0) }, room: 3))
        var found = try await status(ledger)
        #expect(found.state == .waiting && found.kind == "email" && found.account == nil && found.lastAnswer == nil)
        #expect(found.rows == [.pending: 1, .inFlight: 3, .parked: 0, .dead: 0])
        #expect(found.oldestDue == Timestamp(milliseconds: Fixture.start))

        var completions = [
            completion(taken[0]), completion(taken[1], .dead(reason: "550 no such user")),
            completion(taken[2], .retry(afterMilliseconds: 60_000)),
        ]
        completions[1].outcome = "permanent"
        completions[2].outcome = "retry"
        completions[2].answer = "421 try later"
        completions[2].startedAt = Timestamp(milliseconds: Fixture.start + 1)
        _ = try await ledger.complete(completions, owner: "a")
        found = try await status(ledger)
        #expect(found.state == .failing)
        #expect(found.rows == [.pending: 2, .inFlight: 0, .parked: 0, .dead: 1])
        #expect(
            found.lastAnswer
                == LastAnswer(
                    at: Timestamp(milliseconds: Fixture.start + 1), outcome: "retry", text: "421 try later"))

        fixture.clock.advance(60_000)
        let rest = try await ledger.takeDue(worker: "confirmations", destination: "email", limit: 9, owner: "a")
        var last = rest.map { completion($0) }
        for index in last.indices { last[index].startedAt = Timestamp(milliseconds: fixture.clock.now()) }
        _ = try await ledger.complete(last, owner: "a")
        found = try await status(ledger)
        #expect(found.state == .idle && found.oldestDue == nil)
        #expect(found.lastAnswer?.outcome == "done" && found.lastAnswer?.text == "250 queued")
    }

    @Test("a connection has its kind and account; one that is switched off or gone says so", arguments: LedgerMaker.all)
    func connections(maker: LedgerMaker) async throws {
        let key = try SealingKey([UInt8](repeating: 7, count: 32))
        let fixture = try await Fixture(maker, sealing: SealingKeys(key))
        let ledger = fixture.ledger
        var connection = Connection(
            id: "c1", account: "acme", kind: "hubspot", url: "https://crm.example", secret: "pat",
            since: Timestamp(milliseconds: 0))
        try await ledger.put(connection)
        _ = try await ledger.position(of: "crm", in: partition, base: 0)
        let (known, gone) = (Destination("crm", connection: "c1"), Destination("crm", connection: "c2"))
        _ = try await ledger.takeIn(batch([event(1)], to: known, worker: "crm"))
        _ = try await ledger.takeIn(batch([event(2)], to: gone, from: 1, worker: "crm"))
        var found = try await status(ledger, known, of: "crm")
        #expect(found.kind == "hubspot" && found.account == "acme" && found.state == .waiting)
        #expect(try await status(ledger, gone, of: "crm").state == .gone)
        connection.isEnabled = false
        try await ledger.put(connection)
        found = try await status(ledger, known, of: "crm")
        #expect(found.state == .off && found.rows[.pending] == 1)
        #expect(try await ledger.kinds(ofConnections: ["c1", "c2"]) == ["c1": "hubspot"])
        #expect(try await ledger.kinds(ofConnections: []) == [:])
    }
}
