import JSON
import Orders
import Testing

/// Whoever adds a field to a table has it in everything that reads and writes orders, or fails here.
@Suite("One table of fields")
struct FieldTableTests {
    /// Every field of every table, each with a value of its own that is nobody's default.
    private static let whole: OrderDraft = {
        let eur = Currency("EUR")!
        var draft = OrderDraft(locale: .en)
        draft.externalID = "A-1"
        draft.source = "shop"
        draft.offerID = "o1"
        draft.paymentCreditsID = "pc1"
        draft.managerID = "m1"
        draft.title = "Order"
        draft.price = Money(minorUnits: 300, currency: eur)
        draft.items = [Item(title: "Line", quantity: 2, price: Money(minorUnits: 150, currency: eur), sku: "s1")]
        draft.buyer = Buyer(name: "Olena", email: "b@example.com", phone: "+380671234567", personID: "p1")
        for tag in CampaignTag.allCases { draft.utm[tag] = "tag-\(tag.name)" }
        draft.transactionDate = Timestamp(iso8601: "2026-05-01T12:30:00Z")
        draft.isNotifyAccount = false
        return draft
    }()
    private static let change = OrderChange(
        status: .failed, price: Money(minorUnits: 300, currency: Currency("EUR")!),
        paymentDate: Timestamp(iso8601: "2026-05-02T12:30:00Z"), userComments: "cash")

    /// A member that is one value: its name in a form, and as it stands in the JSON.
    private struct Member {
        var name: String
        var written: String
        var value: String
    }

    /// The members of a text in their order; strings in it are free of escapes.
    private func members(_ json: [UInt8]) throws -> [Member] {
        var members: [Member] = []
        let span = json.span
        var reader = try JSONReader(span.bytes)
        try read(&reader, key: "", path: "", &members)
        try reader.end()
        return members
    }

    private func read(
        _ reader: inout JSONReader, key: String, path: String, _ members: inout [Member]
    ) throws(JSONError) {
        switch reader.next {
        case .object:
            try reader.object { reader, key throws(JSONError) in
                let name = key.text
                try read(&reader, key: name, path: path.isEmpty ? name : "\(path)[\(name)]", &members)
            }
        case .array:
            var index = 0
            try reader.array { reader throws(JSONError) in
                try read(&reader, key: key, path: "\(path)[\(index)]", &members)
                index += 1
            }
        case .string:
            let value = try reader.string()
            members.append(Member(name: path, written: "\"\(key)\":\"\(value)\"", value: value))
        case .number:
            let value = try reader.decimal().description
            members.append(Member(name: path, written: "\"\(key)\":\(value)", value: value))
        default:
            let value = String(try reader.bool())
            members.append(Member(name: path, written: "\"\(key)\":\(value)", value: value))
        }
    }

    /// Reads the text and the same as a form, whole and with each member in turn under another name.
    ///
    /// - Parameter isWhole: whether what is read is the whole of it.
    private func check(
        _ json: [UInt8], _ isWhole: (_ json: [UInt8]) throws -> Bool,
        form isWholeForm: ([(name: String, value: String)]) throws -> Bool
    ) throws {
        let text = String(decoding: json, as: UTF8.self)
        let members = try members(json)
        let pairs = members.map { (name: $0.name, value: $0.value) }
        #expect(try isWhole(json), "\(text)")
        #expect(try isWholeForm(pairs), "\(pairs)")
        for (index, member) in members.enumerated() {
            #expect(text.ranges(of: member.written).count == 1, "\(member.written) is not a value of its own")
            let other = text.replacing(member.written, with: "\"x\(member.written.dropFirst())")
            #expect((try? isWhole(Array(other.utf8))) != true, "JSON is read without \(member.name)")
            var pairs = pairs
            pairs[index].name = "x"
            #expect((try? isWholeForm(pairs)) != true, "a form is read without \(member.name)")
        }
    }

    @Test("the canonical form has every field of an order under its name, in the order of the tables")
    func written() throws {
        let names = OrderField.allCases.flatMap { field in
            switch field {
            case .items: ItemField.allCases.map { "items[0][\($0.name)]" }
            case .customer: BuyerField.allCases.map { "customer[\($0.name)]" }
            case .utm: CampaignTag.allCases.map { "utm[\($0.name)]" }
            default: ["\(field.name)"]
            }
        }
        #expect(try members(CanonicalForm(Self.whole).bytes).map(\.name) == names)
    }

    @Test("JSON and forms are read by every field of an order")
    func read() throws {
        try check(CanonicalForm(Self.whole).bytes) {
            try OrderDraft.read($0, settings: settings) == Self.whole
        } form: {
            try OrderDraft.read(form: $0, settings: settings) == Self.whole
        }
    }

    @Test("the buyer's fields but the name may stand at the top")
    func buyerAtTop() throws {
        for field in BuyerField.allCases where field != .name {
            let value = try #require(
                members(CanonicalForm(Self.whole).bytes).first { $0.name == "customer[\(field.name)]" }?.value)
            let json = try OrderDraft.read(Array("{\"\(field.name)\":\"\(value)\"}".utf8), settings: settings)
            let form = try OrderDraft.read(form: [("\(field.name)", value)], settings: settings)
            #expect(json.buyer != Buyer() && json == form, "\(field.name)")
        }
    }

    @Test("a change is written and read by every field; what names its order is read of a purchase")
    func changes() throws {
        let form = CanonicalForm(Self.change).bytes
        let named: [ChangeField] = [.orderID, .externalID, .source]
        let written = ChangeField.allCases.filter { !named.contains($0) }.map { "\($0.name)" }
        #expect(try members(form).map(\.name) == written)
        try check(form) {
            try OrderChange.read($0, settings: settings) == Self.change
        } form: {
            try OrderChange.read(form: $0, settings: settings) == Self.change
        }
        for (body, reference) in [
            (#"{"orderId":"\#(orderID)"}"#, .id(orderID)),
            (#"{"externalId":"A-1","source":"shop"}"#, .external(id: "A-1", source: "shop")),
        ] as [(String, Purchase.Reference)] {
            try check(Array(body.utf8)) {
                try Purchase.read($0, settings: settings).reference == reference
            } form: {
                try Purchase.read(form: $0, settings: settings).reference == reference
            }
        }
    }
}
