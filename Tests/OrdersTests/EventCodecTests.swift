import Crypto
import Orders
import Testing

@Suite("Events on the topic")
struct EventCodecTests {
    static let change = OrderChange(
        status: .success, price: Money(minorUnits: 100, currency: .uah),
        paymentDate: Timestamp(milliseconds: 1_777_638_600_000), userComments: "paid\nin cash")

    @Test(
        "every kind of event comes back as it was",
        arguments: [
            Event.Content.created(fullDraft), .created(OrderDraft(locale: .en)), .updated(change), .paid(change),
            .refunded(OrderChange()), .updated(OrderChange(status: .pending)),
        ])
    func roundTrip(content: Event.Content) throws {
        var event = event(content)
        event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let encoded = event.encoded()
        #expect(try Event(headers: encoded.headerBytes, value: encoded.value) == event)
        #expect(encoded.key == Array(orderID.text.utf8))
    }

    @Test("an event's headers are CloudEvents' in Kafka's binary mode")
    func headers() {
        let encoded = event(.created(fullDraft), id: EventID.created(orderID).text).encoded()
        let headers = encoded.headers.map { "\($0.name): \($0.value)" }
        #expect(
            headers == [
                "ce_specversion: 1.0", "ce_id: \(orderID).created", "ce_type: orderrelay.order.created",
                "ce_source: /accounts/acme", "ce_subject: \(orderID)", "ce_time: 2026-05-01T12:30:00.000Z",
                "content-type: application/json",
            ])
    }

    func decode(_ changes: (inout [String: String]) -> Void, value: String? = nil) throws -> Event {
        let encoded = event(.created(fullDraft)).encoded()
        var headers = Dictionary(
            uniqueKeysWithValues: encoded.headers.map { ($0.name, $0.value) })
        changes(&headers)
        return try Event(
            headers: headers.map { ($0.key, Array($0.value.utf8)) },
            value: value.map { Array($0.utf8) } ?? encoded.value)
    }

    @Test("a record without a readable id is poison")
    func poison() {
        for id in [nil, "", String(repeating: "x", count: 201)] {
            #expect(throws: EventError.poison("the record has no readable ce_id")) { try decode { $0["ce_id"] = id } }
        }
        #expect(throws: EventError.poison("the record has no readable ce_id")) { try Event(headers: [], value: []) }
        #expect(throws: EventError.poison("the record has no readable ce_id")) {
            try Event(headers: [("ce_id", [0xFF])], value: [])
        }
    }

    @Test("the first header of a name counts, also where it cannot be read")
    func doubledHeader() {
        let encoded = event(.created(fullDraft)).encoded()
        #expect(throws: EventError.poison("the record has no readable ce_id")) {
            try Event(headers: [("ce_id", [0xFF])] + encoded.headerBytes, value: encoded.value)
        }
        #expect(throws: EventError.unknownType(id: "e1", type: "x")) {
            try Event(headers: [("ce_type", [0x78])] + encoded.headerBytes, value: encoded.value)
        }
    }

    @Test("an unknown type is clipped, however few characters it is")
    func longType() {
        let type = "x" + String(repeating: "\u{301}", count: 10_000)
        do {
            _ = try decode { $0["ce_type"] = type }
            Issue.record("taken")
        } catch {
            guard case .unknownType(_, let told)? = error as? EventError else {
                Issue.record("\(error)")
                return
            }
            #expect(told.utf8.count <= 400)
        }
    }

    @Test("a type that this program does not know is reported with its id, whatever its value is")
    func unknownType() {
        for type in ["orderrelay.order.archived", "orderrelay.person.created", "x"] {
            #expect(throws: EventError.unknownType(id: "e1", type: type)) {
                try decode({ $0["ce_type"] = type }, value: "garbage")
            }
        }
    }

    @Test("an event about something else is of an unknown type, whatever else it lacks")
    func anotherSubject() {
        let error = EventError.unknownType(id: "e1", type: "orderrelay.person.tagged")
        #expect(throws: error) {
            try decode {
                $0["ce_type"] = "orderrelay.person.tagged"
                $0["ce_subject"] = "p1"
                $0["ce_source"] = nil
                $0["ce_time"] = "soon"
            }
        }
        var person = event(.created(fullDraft)).encoded()
        person.type = "orderrelay.person.tagged"
        person.subject = "p1"
        #expect(throws: error) { try Event(person) }
        person.type = "orderrelay.order.created"
        #expect(throws: EventError.malformed(id: "e1", "the subject is not an order's id")) { try Event(person) }
    }

    @Test("a newer schema is reported with its number, even if its content cannot be decoded")
    func newerSchema() {
        for rest in ["}", ",\"digest\":7}", ",\"order\":{\"price\":[]},\"new\":1}"] {
            #expect(throws: EventError.newerSchema(id: "e1", schema: 2)) {
                try decode({ _ in }, value: "{\"schema\":2\(rest)")
            }
        }
    }

    @Test("members and headers of a newer program that keeps the schema are left aside")
    func newMembers() throws {
        let digest = CanonicalForm(fullDraft).digest
        let value = #"{"schema":1,"digest":"\#(digest)","order":{"locale":"uk","new":{"a":1}},"more":[]}"#
        let event = try decode({ $0["ce_partitionkey"] = "x" }, value: value)
        #expect(event.content == .created(OrderDraft(locale: .uk)))
        #expect(event.digest == CanonicalForm(fullDraft).digest)
    }

    @Test("what is broken otherwise is malformed, reported with its id, without any of its content")
    func malformed() {
        let digest = CanonicalForm(fullDraft).digest
        func isMalformed(_ changes: @escaping (inout [String: String]) -> Void = { _ in }, value: String? = nil) {
            do {
                _ = try decode(changes, value: value)
                Issue.record("taken: \(value ?? "headers")")
            } catch let error as EventError {
                guard case .malformed("e1", let sentence) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(!sentence.contains("secret"))
            } catch { Issue.record("\(error)") }
        }
        isMalformed { $0["ce_type"] = nil }
        isMalformed { $0["ce_subject"] = "x" }
        isMalformed { $0["ce_subject"] = nil }
        isMalformed { $0["ce_source"] = "/accounts/" }
        isMalformed { $0["ce_source"] = "acme" }
        isMalformed { $0["ce_time"] = "now" }
        for value in [
            "", "secret", "[]", "{}", #"{"schema":1}"#, #"{"schema":"1"}"#,
            #"{"schema":1,"digest":"secret","order":{}}"#,
            #"{"schema":1,"digest":"\#(digest)"}"#, #"{"schema":1,"digest":"\#(digest)","change":{}}"#,
            #"{"schema":1,"digest":"\#(digest)","order":[]}"#,
            #"{"schema":1,"digest":"\#(digest)","order":{"price":"secret"}}"#,
            #"{"schema":1,"digest":"\#(digest)","order":{"locale":"secret"}}"#,
            #"{"schema":1,"digest":"\#(digest)","order":{}} {}"#,
        ] { isMalformed(value: value) }
    }

    @Test("a record of one megabyte is answered")
    func large() {
        #expect(throws: EventError.self) { try decode({ _ in }, value: String(repeating: "[", count: 1_000_000)) }
        let text = String(repeating: "x", count: 1_000_000)
        #expect(throws: EventError.self) { try decode({ _ in }, value: "{\"schema\":1,\"x\":\"\(text)\"}") }
    }

    @Test("what is stored reads back though today's rules would refuse it")
    func olderRules() throws {
        var draft = OrderDraft(locale: .en)
        draft.buyer = Buyer(name: "a\nb", email: "no address", phone: "12")
        draft.title = String(repeating: "x", count: 1000)
        draft.items = [Item(title: "", quantity: 0, price: Money(minorUnits: -5, currency: .uah))]
        draft.transactionDate = Timestamp(iso8601: "1999-01-01")
        let encoded = event(.created(draft)).encoded()
        #expect(try Event(headers: encoded.headerBytes, value: encoded.value).content == .created(draft))
        #expect(try OrderDraft(canonicalForm: CanonicalForm(draft).bytes) == draft)
    }

    @Test("prices of which no batch may hold two are not read, whoever wrote them")
    func amounts() throws {
        let amounts: [(Int64, Bool)] = [
            (1_000_000_000_000_000, true), (1_000_000_000_000_001, false), (.max, false),
        ]
        for (minorUnits, isRead) in amounts {
            for sign: Int64 in [1, -1] {
                var draft = OrderDraft(locale: .en)
                draft.price = Money(minorUnits: sign * minorUnits, currency: .uah)
                let encoded = event(.created(draft)).encoded()
                let read = try? Event(headers: encoded.headerBytes, value: encoded.value)
                #expect(read?.content == (isRead ? .created(draft) : nil))
            }
        }
    }

    @Test("the canonical form of what was read reads as the same again")
    func idempotent() throws {
        #expect(try OrderDraft.read(CanonicalForm(fullDraft).bytes, settings: settings) == fullDraft)
    }
}

extension Envelope {
    /// The headers as whoever reads the record gets them.
    var headerBytes: [(name: String, value: [UInt8])] { headers.map { ($0.name, Array($0.value.utf8)) } }
}
