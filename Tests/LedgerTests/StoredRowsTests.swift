import Crypto
import Database
import Orders
import Support
import Testing

@testable import Ledger

/// Rows are read by later versions than the one that wrote them: these are written here as they always were.
@Suite("Rows that an earlier version wrote") struct StoredRowsTests {
    /// What each test begins with.
    struct Bench {
        static let form = #"{"title":"Order 1","price":"123.00","currency":"UAH","locale":"uk","isNotifyAccount":true}"#

        let fixture: Fixture
        let draft: OrderDraft

        init(_ maker: LedgerMaker) async throws {
            fixture = try await Fixture(maker)
            var draft = OrderDraft(locale: .uk)
            draft.title = "Order 1"
            draft.price = Money(minorUnits: 12_300, currency: .uah)
            self.draft = draft
        }
    }

    @Test("an order whose body has a digest of zeros is shown, and changed", arguments: LedgerMaker.all)
    func anOrder(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, draft) = (bench.fixture, bench.draft)
        let ledger = fixture.ledger
        let body = #"{"schema":1,"digest":"\#(String(repeating: "0", count: 64))","order":\#(Bench.form)}"#
        _ = try await fixture.database.transaction([
            Statement(
                """
                INSERT INTO orders(id, account, created_at, updated_at, status, price, currency, body)
                VALUES ($1, 'acme', 5, 6, 'PENDING', 12300, 'UAH', $2)
                """, [.text(orderID(1).text), .blob(Array(body.utf8))])
        ])
        var row = try #require(try await ledger.order(orderID(1), account: "acme"))
        #expect(row.draft == draft && row.price == draft.price && row.status == .pending)
        #expect(row.createdAt.milliseconds == 5 && row.updatedAt.milliseconds == 6)
        row.status = .success
        _ = try await ledger.position(of: "analytics", in: partition, base: 0)
        var batch = batch([event(1)], worker: "analytics")
        batch.entries[0].disposition = .planned([])
        batch.changes = [.order(row)]
        _ = try await ledger.takeIn(batch)
        #expect(try await ledger.order(orderID(1), account: "acme") == row)
    }

    @Test("an event is read as it was taken in", arguments: LedgerMaker.all)
    func anEvent(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, draft) = (bench.fixture, bench.draft)
        let expected = Event(
            id: EventID.created(orderID(1)).text, account: "acme", order: orderID(1), time: epoch,
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", content: .created(draft))
        let body = #"{"schema":1,"digest":"\#(expected.digest)","order":\#(Bench.form)}"#
        _ = try await fixture.database.transaction([
            Statement(
                """
                INSERT INTO events(worker, event_id, account, key, cluster, topic, part, log_offset, type, happened_at,
                  taken_at, disposition, digest, traceparent, body)
                VALUES ('crm', $1, 'acme', $2, 'c', 'orders', 3, 7, 'orderrelay.order.created', $3, 9, 'planned', $4, $5, $6)
                """,
                [
                    .text(expected.id), .text(orderID(1).text), .integer(expected.time.milliseconds),
                    .blob(expected.digest.bytes), .text(orNull: expected.traceparent), .blob(Array(body.utf8)),
                ])
        ])
        let stored = try #require(try await fixture.ledger.event(expected.id, worker: "crm"))
        #expect(stored.event.value == Array(body.utf8))
        #expect(try stored.orderEvent() == expected && stored.source == partition && stored.offset == 7)
    }
}
