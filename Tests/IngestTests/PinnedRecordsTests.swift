import HTTP
import Kafka
import Testing

@testable import Ingest

/// What lies on the topic is read by other programs, and by this one in seven days' time: it does not change by a byte.
@Suite("Records, pinned byte by byte")
struct PinnedRecordsTests {
    private static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    /// An order with every field that it can have.
    private static let full = """
        {"externalId":"A-1001","source":"shop","offerId":"5f1a","paymentCreditsId":"pc1","managerId":42,"title":"Курс",
         "price":"1250.5","currency":"uah","items":[{"title":"Книга","quantity":2,"price":400.25,"sku":"B-1"},
         {"title":"Курс","price":"450"}],"customer":{"name":"Олена 🙂","personId":"p1"},"email":"Olena@Example.COM",
         "phone":"067 123-45-67","locale":"ua","utm":{"source":"ig","campaign":"may","other":1},
         "transactionDate":"2026-05-01T15:30:00+03:00","isNotifyAccount":"false","unknown":{"deep":[1,{}]}}
        """
    private static let fullForm =
        "externalId=A-1001&source=shop&offerId=5f1a&paymentCreditsId=pc1&managerId=42&title=%D0%9A%D1%83%D1%80%D1%81"
        + "&price=1250.5&currency=uah&items[0][title]=%D0%9A%D0%BD%D0%B8%D0%B3%D0%B0&items[0][quantity]=2"
        + "&items[0][price]=400.25&items[0][sku]=B-1&items[1][title]=%D0%9A%D1%83%D1%80%D1%81&items[1][price]=450"
        + "&customer[name]=%D0%9E%D0%BB%D0%B5%D0%BD%D0%B0+%F0%9F%99%82&customer[personId]=p1&email=Olena@Example.COM"
        + "&phone=067+123-45-67&locale=ua&utm_source=ig&utm[campaign]=may"
        + "&transactionDate=2026-05-01T15:30:00%2B03:00&isNotifyAccount=false"

    private static let created = """
        da7d3e81cac0b03002385b14
        ce_specversion: 1.0
        ce_id: da7d3e81cac0b03002385b14.created
        ce_type: orderrelay.order.created
        ce_source: /accounts/shop
        ce_subject: da7d3e81cac0b03002385b14
        ce_time: 2026-09-21T14:13:20.000Z
        content-type: application/json
        traceparent: 00-0af7651916cd43dd8448eb211c80319c
        {"schema":1,"digest":"6bfc74a48b6015e89a74cc2789dc8d162a0646d7f563ba77b595255cbec3a4d8","order":\
        {"externalId":"A-1001","source":"shop","offerId":"5f1a","paymentCreditsId":"pc1","managerId":"42",\
        "title":"Курс","price":"1250.50","currency":"UAH","items":[{"title":"Книга","quantity":2,"price":"400.25",\
        "sku":"B-1"},{"title":"Курс","quantity":1,"price":"450.00"}],"customer":{"name":"Олена 🙂",\
        "email":"Olena@example.com","phone":"+380671234567","personId":"p1"},"locale":"uk",\
        "utm":{"campaign":"may","source":"ig"},"transactionDate":"2026-05-01T12:30:00.000Z","isNotifyAccount":false}}
        """

    @Test("an order with every field, as JSON and as a form")
    func full() async throws {
        let shop = try await Fixture()
        let json = await shop.send(.post, "/api/v2/orders", Self.full, fields: ["traceparent": Self.trace])
        #expect(json.status == 201, "\(json.text)")
        #expect(Self.text(shop.topic.records[0]) == Self.created)
        let other = try await Fixture()
        let form = await other.send(
            .post, "/api/v2/orders", Self.fullForm,
            fields: ["traceparent": Self.trace, "Content-Type": "application/x-www-form-urlencoded"])
        #expect(form.status == 201, "\(form.text)")
        #expect(Self.text(other.topic.records[0]) == Self.created)
    }

    @Test("an order with nothing but a way to the buyer")
    func minimal() async throws {
        let shop = try await Fixture()
        _ = await shop.send(
            .post, "/api/v2/orders", #"{"phone":"+380671234567"}"#,
            fields: ["Idempotency-Key": "k1", "traceparent": Self.trace])
        let order = "c1a86a3016ba5193a809920f"
        #expect(
            Self.text(shop.topic.records[0])
                == Self.record(
                    order, "\(order).created", "created",
                    #"{"schema":1,"digest":"9810dddc392b0d85f629149180ad425c01fbbb0c648163438e32a50abee79dff","#
                        + #""order":{"customer":{"phone":"+380671234567"},"locale":"uk","isNotifyAccount":true}}"#))
    }

    @Test("an update, a refund and a purchase, with every field and with hardly any")
    func changes() async throws {
        let shop = try await Fixture()
        let created = await shop.send(.post, "/api/v2/orders", Self.full, fields: ["traceparent": Self.trace])
        let order = try #require(created.member("id"))
        let full = """
            {"status":"success","price":12.5,"currency":"UAH","paymentDate":"2026-05-02T10:00Z",
             "userComments":" two\\r\\nlines "}
            """
        for (path, key, body) in [
            ("orders/\(order)", "k1", full), ("orders/\(order)", "k1", #"{"status":"REFUNDED"}"#),
            ("orders/\(order)", "k2", #"{"price":"9"}"#),
            ("purchases", "k1", #"{"externalId":"A-1001","source":"shop"}"#),
            ("purchases", "k2", #"{"orderId":"\#(order)","# + full.dropFirst()),
        ] {
            let answer = await shop.send(
                .post, "/api/v2/\(path)", body, fields: ["Idempotency-Key": key, "traceparent": Self.trace])
            #expect(answer.status < 300, "\(answer.text)")
        }
        let digests = (
            full: "14669108265416387ea401905aff2f2ce5eff3c2b42bc3a98cb6ef34c09e5ea6",
            refund: "9a99a4ea832f3602fa28295725a5fc70954c2e30baae89cb0f9609b63cb475e4",
            price: "c5ea4d8296375e1e9c62b5213587dcbf6f9715ad55eba4dcda6deefdc7fee4a3",
            nothing: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        )
        let fullChange =
            #"{"schema":1,"digest":"\#(digests.full)","change":{"status":"SUCCESS","price":"12.50","currency":"UAH","#
            + #""paymentDate":"2026-05-02T10:00:00.000Z","userComments":"two\nlines"}}"#
        let expected = [
            Self.record(order, "\(order).updated.6ab9f1eb8f7d", "updated", fullChange),
            Self.record(
                order, "\(order).refunded.6ab9f1eb8f7d", "refunded",
                #"{"schema":1,"digest":"\#(digests.refund)","change":{"status":"REFUNDED"}}"#),
            Self.record(
                order, "\(order).updated.015f7e6bc5ae", "updated",
                #"{"schema":1,"digest":"\#(digests.price)","change":{"price":"9.00","currency":"UAH"}}"#),
            Self.record(
                order, "\(order).paid.6ab9f1eb8f7d", "paid",
                #"{"schema":1,"digest":"\#(digests.nothing)","change":{}}"#),
            Self.record(order, "\(order).paid.015f7e6bc5ae", "paid", fullChange),
        ]
        #expect(shop.topic.records.dropFirst().map(Self.text) == expected)
    }

    private static func record(_ order: String, _ id: String, _ kind: String, _ value: String) -> String {
        """
        \(order)
        ce_specversion: 1.0
        ce_id: \(id)
        ce_type: orderrelay.order.\(kind)
        ce_source: /accounts/shop
        ce_subject: \(order)
        ce_time: 2026-09-21T14:13:20.000Z
        content-type: application/json
        traceparent: 00-0af7651916cd43dd8448eb211c80319c
        \(value)
        """
    }

    /// A record's key, headers and value, a line each; of the traceparent the trace alone: the span is new each time.
    private static func text(_ record: OutgoingRecord) -> String {
        let headers = record.headers.map { header in
            let value = String(decoding: header.value, as: UTF8.self)
            return "\(header.name): \(header.name == "traceparent" ? String(value.prefix(35)) : value)"
        }
        let key = String(decoding: record.key, as: UTF8.self)
        let value = String(decoding: record.value ?? [], as: UTF8.self)
        return ([key] + headers + [value]).joined(separator: "\n")
    }
}
