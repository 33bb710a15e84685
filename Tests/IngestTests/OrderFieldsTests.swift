import JSON
import Ledger
import Orders
import Testing

@testable import Ingest

/// What an answer has of an order is what the tables of its fields have.
@Suite("An order's fields in answers")
struct OrderFieldsTests {
    private static let order: OrderRow = {
        let price = Money(minorUnits: 300, currency: .uah)
        var draft = OrderDraft(locale: .en)
        draft.externalID = "A-1"
        draft.source = "shop"
        draft.offerID = "o1"
        draft.paymentCreditsID = "pc1"
        draft.managerID = "m1"
        draft.title = "Order"
        draft.price = price
        draft.items = [Item(title: "Line", quantity: 1, price: price, sku: "s1")]
        draft.buyer = Buyer(name: "Olena", email: "b@example.com", phone: "+380671234567", personID: "p1")
        for tag in CampaignTag.allCases { draft.utm[tag] = "x" }
        draft.transactionDate = Timestamp(milliseconds: 1)
        var row = OrderRow(
            id: OrderID(account: "shop", .external(id: "A-1", source: "shop")), account: "shop", draft: draft,
            creation: [], status: .success, price: price, createdAt: Timestamp(milliseconds: 1),
            updatedAt: Timestamp(milliseconds: 2))
        row.paymentDate = Timestamp(milliseconds: 3)
        row.userComments = "cash"
        return row
    }()

    /// The names of the order's members in an answer, and of those of its lines.
    private func names(_ order: OrderRow) throws -> (order: [String], lines: [[String]]) {
        var writer = JSONWriter()
        OrderJSON.write(order, deliveries: [], &writer)
        var (names, lines): ([String], [[String]]) = ([], [])
        let span = writer.bytes.span
        var reader = try JSONReader(span.bytes)
        try reader.object { reader, key throws(JSONError) in
            names.append(key.text)
            guard names.last == "items" else { return try reader.skip() }
            try reader.array { reader throws(JSONError) in
                var line: [String] = []
                try reader.object { reader, key throws(JSONError) in
                    line.append(key.text)
                    try reader.skip()
                }
                lines.append(line)
            }
        }
        try reader.end()
        return (names, lines)
    }

    @Test("an answer shows every field but the tags of the campaign, with the buyer's beside the others")
    func shown() throws {
        let (shown, lines) = try names(Self.order)
        let fields = OrderField.allCases.filter { $0 != .customer && $0 != .utm }.map { "\($0.name)" }
        let own = ["id", "status", "orderStatus", "createdAt", "updatedAt", "deliveries"]
        let changed = [ChangeField.paymentDate, .userComments].map { "\($0.name)" }
        #expect(Set(shown) == Set(fields + BuyerField.allCases.map { "\($0.name)" } + own + changed))
        #expect(Set(shown).count == shown.count)
        #expect(lines == [ItemField.allCases.map { "\($0.name)" }])
    }

    @Test("an order without anything has its lines as an empty list, and nothing that is absent")
    func bare() throws {
        var order = Self.order
        order.draft = OrderDraft(locale: .uk)
        (order.price, order.paymentDate, order.userComments) = (nil, nil, nil)
        let own: Set = ["id", "status", "orderStatus", "createdAt", "updatedAt", "deliveries"]
        #expect(Set(try names(order).order) == own.union(["items", "locale", "isNotifyAccount"]))
    }
}
