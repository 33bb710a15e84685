import Orders
import Testing

/// What lies on topic `orders`, byte by byte. A change here is a change of what workers of other versions, and topics of
/// a week, must read: it needs a new schema number.
@Suite("Records, byte by byte")
struct GoldenRecordTests {
    struct Golden: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var event: Event
        /// `name: value`, in their order.
        var headers: [String]
        var value: String

        init(
            _ name: String, _ id: String, _ content: Event.Content, traceparent: String? = nil,
            warnings: [FieldWarning] = [], type: String, value: String
        ) {
            testDescription = name
            event = OrdersTests.event(content, id: id)
            event.traceparent = traceparent
            event.warnings = warnings
            headers = [
                "ce_specversion: 1.0", "ce_id: \(id)", "ce_type: orderrelay.order.\(type)",
                "ce_source: /accounts/acme", "ce_subject: 9ab322c4d8f422475a2ec49e",
                "ce_time: 2026-05-01T12:30:00.000Z", "content-type: application/json",
            ]
            if let traceparent { headers.append("traceparent: \(traceparent)") }
            self.value = value
        }
    }

    private static let change = OrderChange(
        status: .success, price: Money(minorUnits: 100, currency: .uah),
        paymentDate: Timestamp(milliseconds: 1_777_638_600_000), userComments: "paid\nin cash")
    private static let changed = #"""
        {"schema":1,"digest":"d19ccee10117e1eeecbd516ef4cd32cae745b122851dd50c3672ac0897122b09","change":\#
        {"status":"SUCCESS","price":"1.00","currency":"UAH","paymentDate":"2026-05-01T12:30:00.000Z",\#
        "userComments":"paid\nin cash"}}
        """#
    private static let nothing = #"""
        {"schema":1,"digest":"396e71ac6164a3b870e7d56d832a44a8684e0167a1e2430944d2e8e36a9140ec",\#
        "order":{"locale":"en","isNotifyAccount":true}
        """#

    static let all = [
        Golden(
            "created, with everything", "9ab322c4d8f422475a2ec49e.created", .created(fullDraft),
            traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", type: "created",
            value: #"""
                {"schema":1,"digest":"6bfc74a48b6015e89a74cc2789dc8d162a0646d7f563ba77b595255cbec3a4d8","order":\#
                {"externalId":"A-1001","source":"shop","offerId":"5f1a","paymentCreditsId":"pc1","managerId":"42",\#
                "title":"Курс","price":"1250.50","currency":"UAH","items":[{"title":"Книга","quantity":2,\#
                "price":"400.25","sku":"B-1"},{"title":"Курс","quantity":1,"price":"450.00"}],"customer":\#
                {"name":"Олена 🙂","email":"Olena@example.com","phone":"+380671234567","personId":"p1"},\#
                "locale":"uk","utm":{"campaign":"may","source":"ig"},\#
                "transactionDate":"2026-05-01T12:30:00.000Z","isNotifyAccount":false}}
                """#),
        Golden(
            "created, with nothing", "e1", .created(OrderDraft(locale: .en)), type: "created", value: nothing + "}"),
        Golden(
            "created, with warnings", "e1", .created(OrderDraft(locale: .en)),
            warnings: [
                FieldWarning(pointer: "/title", code: "CUT", message: "cut: \"К…\""),
                FieldWarning(pointer: "", code: "LINES_DIFFER", message: "a/b\\c\n"),
            ], type: "created",
            value: nothing + #"""
                ,"warnings":[{"pointer":"/title","code":"CUT","message":"cut: \"К…\""},\#
                {"pointer":"","code":"LINES_DIFFER","message":"a/b\\c\n"}]}
                """#),
        Golden("updated", "e2", .updated(change), type: "updated", value: changed),
        Golden(
            "updated, with nothing", "e2", .updated(OrderChange()), type: "updated",
            value: #"""
                {"schema":1,"digest":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","change":{}}
                """#),
        Golden("paid", "e3", .paid(change), type: "paid", value: changed),
        Golden(
            "refunded", "e4~0123456789ab", .refunded(OrderChange(status: .refunded)), type: "refunded",
            value: #"""
                {"schema":1,"digest":"9a99a4ea832f3602fa28295725a5fc70954c2e30baae89cb0f9609b63cb475e4","change":\#
                {"status":"REFUNDED"}}
                """#),
    ]

    @Test("an event is written in these bytes", arguments: all)
    func written(_ golden: Golden) {
        let encoded = golden.event.encoded()
        #expect(encoded.key == Array("9ab322c4d8f422475a2ec49e".utf8))
        #expect(encoded.headers.map { "\($0.name): \($0.value)" } == golden.headers)
        #expect(String(decoding: encoded.value, as: UTF8.self) == golden.value)
    }

    @Test("these bytes, from whichever version they are, read as the event", arguments: all)
    func read(_ golden: Golden) throws {
        #expect(try Event(headers: Self.bytes(golden.headers), value: Array(golden.value.utf8)) == golden.event)
    }

    @Test("the ledger's door gives what the wire's gives, and the value passes both untouched", arguments: all)
    func bothDoors(_ golden: Golden) throws {
        // As another program may write it.
        let value = Array("\n\(golden.value.replacing("\"schema\":1", with: "\"new\": [{}], \"schema\": 1"))\n".utf8)
        let event = try Event(headers: Self.bytes(golden.headers), value: value)
        #expect(event == golden.event)
        let envelope = event.envelope(of: value)
        #expect(envelope.value == value && envelope.key == event.encoded().key)
        #expect(envelope.headers.map { "\($0.name): \($0.value)" } == golden.headers)
        #expect(try Event(envelope) == golden.event)
        if case .created(let draft) = event.content {
            #expect(try OrderDraft(inValue: value, of: event.id) == draft)
        } else {
            #expect(throws: EventError.self) { try OrderDraft(inValue: value, of: event.id) }
        }
    }

    private static func bytes(_ headers: [String]) -> [(name: String, value: [UInt8])] {
        headers.map { line in
            let name = line.prefix { $0 != ":" }
            return (String(name), Array(line.utf8.dropFirst(name.utf8.count + 2)))
        }
    }
}
