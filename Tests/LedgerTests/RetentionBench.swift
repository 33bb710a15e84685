import Database
import Orders
import Support
import Testing

@testable import Ledger

/// A ledger whose rows grow old at a word.
final class RetentionBench: Sendable {
    let fixture: Fixture
    var ledger: Ledger { fixture.ledger }
    private let leased = Shared<[LeasedDelivery]>([])

    init(_ maker: LedgerMaker) async throws {
        fixture = try await Fixture(maker)
        for worker in ["confirmations", "analytics"] {
            _ = try await ledger.position(of: worker, in: partition, base: 0)
        }
    }

    func pass(days: Int64) { fixture.clock.advance(days * 24 * 60 * 60 * 1000) }

    /// Takes these orders' creations in, a row each, leased to `a`.
    @discardableResult
    func takeIn(_ numbers: Range<Int>, to destination: Destination = "email") async throws -> [LeasedDelivery] {
        let next = try await ledger.position(of: "confirmations", in: partition)!.next
        let rows = try await ledger.takeIn(
            batch(numbers.map { event($0) }, to: destination, from: next, room: numbers.count))
        leased.now = rows
        return rows
    }

    /// Closes these rows, or what was taken in last.
    func complete(_ rows: [LeasedDelivery]? = nil, _ verdict: Completion.Verdict = .done) async throws {
        let rows = rows ?? leased.now
        let written = try await ledger.complete(rows.map { completion($0, verdict) }, owner: "a")
        #expect(written.count == rows.count)
    }

    /// Takes `count` records in that are folded.
    func fold(_ count: Int) async throws {
        let next = try await ledger.position(of: "confirmations", in: partition)!.next
        var batch = batch((0..<count).map { event($0) }, from: next)
        for index in batch.entries.indices { batch.entries[index].disposition = .folded }
        _ = try await ledger.takeIn(batch)
    }

    /// Puts rows of the read model, a sale and its buyer of each, as of now; ids differ from account to account.
    ///
    /// - Parameter createdAt: nil: now.
    func putOrders(_ numbers: Range<Int>, accounts: [String], createdAt: Timestamp? = nil) async throws {
        let now = Timestamp(milliseconds: fixture.clock.now())
        for (place, account) in accounts.enumerated() {
            let changes = numbers.flatMap { number -> [ReadModelChange] in
                let id = orderID(place * 1_000 + number)
                guard case .created(let draft) = event(number).content else { fatalError() }
                let row = OrderRow(
                    id: id, account: account, draft: draft, creation: creation(draft), status: .success,
                    price: draft.price, createdAt: createdAt ?? now, updatedAt: now)
                let key = StatisticsKey(
                    account: account, currency: "UAH", offer: "", source: "", minute: now.milliseconds / 60_000,
                    partition: 3)
                var sale = Statistics()
                sale.sales = 1
                let buyer = SaleBuyer(
                    account: account, offer: "", source: "", minute: key.minute, buyer: "\(number)")
                return [.order(row), .count(key, sale), .buyer(buyer)]
            }
            let next = try await ledger.position(of: "analytics", in: partition)!.next
            var batch = batch([event(Int(next))], from: next, worker: "analytics")
            batch.entries[0].disposition = .planned([])
            batch.changes = changes
            _ = try await ledger.takeIn(batch)
        }
    }

    func prune() async throws -> PruneReport? { try await ledger.prune(owner: "p") { _ in true } }

    func count(_ table: String) async throws -> Int64 { try await fixture.number("SELECT count(*) FROM \(table)") }

    func book(_ destination: Destination = "email") async throws -> DestinationBook {
        try #require(try await ledger.books(of: "confirmations").first { $0.destination == destination })
    }

    /// Expects the books to balance, and to have what was planned.
    func checkBooks(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        var planned: Int64 = 0
        for book in try await ledger.books(of: "confirmations") {
            #expect(book.unaccounted == 0, "\(book)", sourceLocation: sourceLocation)
            planned += book.planned
        }
        let position = try #require(try await ledger.position(of: "confirmations", in: partition))
        #expect(planned == position.planned, sourceLocation: sourceLocation)
    }
}
