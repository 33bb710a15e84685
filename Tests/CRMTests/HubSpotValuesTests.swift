import Delivery
import Foundation
import HTTP
import Orders
import Testing

@testable import CRM
@testable import Outbound

@Suite struct HubSpotValuesTests {
    private func fields(_ story: Story) -> HubSpotFields { HubSpotFields(OrderState.folding(story.events)!) }

    @Test("an order becomes a contact and a deal, its amount as decimal text")
    func fields() {
        let story = Story(7) { draft in
            draft.items = [Item(title: "Урок", quantity: 2, price: Money(minorUnits: 5, currency: Currency("UAH")!))]
            draft.utm = [.source: "ads"]
        }
        let fields = fields(story)
        #expect(fields.contact == ["email": "hanna@example.com", "firstname": "Ганна", "lastname": "Марія Коваль"])
        #expect(
            fields.deal == [
                "orderrelay_order_id": story.order.text, "pipeline": "default", "dealstage": "appointmentscheduled",
                "dealname": "Курс № 7", "amount": "1499.50", "deal_currency_code": "UAH",
                "description": "2 × Урок, 0.05 UAH\nutm_source: ads",
            ])
    }

    @Test(
        "amounts have as many digits after the point as their currency",
        arguments: [("UAH", 5, "0.05"), ("JPY", 1_500, "1500"), ("KWD", 1_234, "1.234"), ("UAH", 100, "1.00")])
    func amounts(currency: String, minorUnits: Int64, text: String) {
        let story = Story(1) { $0.price = Money(minorUnits: minorUnits, currency: Currency(currency)!) }
        #expect(fields(story).deal["amount"] == text)
    }

    @Test("the stage follows the status, and a closed deal has its date")
    func stages() {
        var story = Story(1)
        #expect(fields(story).deal["closedate"] == nil)
        story.add(.paid(OrderChange(paymentDate: Timestamp(milliseconds: 1_700_000_005_000))))
        #expect(fields(story).deal["dealstage"] == "closedwon")
        #expect(fields(story).deal["closedate"] == "1700000005000")
        story.add(.refunded(OrderChange()))
        #expect(fields(story).deal["dealstage"] == "closedlost")
    }

    @Test("of each call's path the template has no value, and no query")
    func templates() {
        let calls: [HubSpotCall] = [
            .upsertContact(email: "a@b.example", [:]), .findContact(phone: "+380671234567"), .createContact([:]),
            .updateContact(id: "4711", [:]), .readDeal(order: "0123456789abcdef01234567"),
            .upsertDeal(order: "0123456789abcdef01234567", [:]), .associate(deal: "4712", contact: "4711"),
            .readPipelines, .addOrderProperty,
        ]
        for call in calls {
            for value in ["4711", "4712", "0123456789abcdef01234567", "?", "b.example", "380671234567"] {
                #expect(!call.template.contains(value), "\(call.template)")
            }
            let pattern = call.template.replacing(/\{[a-z]+\}/, with: "[^/]+")
            let path = String(call.path.prefix { $0 != "?" })
            #expect(path.wholeMatch(of: try! Regex(pattern)) != nil, "\(path) \(call.template)")
        }
    }

    @Test("an order without price, title or buyer's name lacks those, and nothing else")
    func bare() {
        let story = Story(1, email: nil, phone: "+380671234567") { draft in
            draft.price = nil
            draft.title = nil
            draft.externalID = nil
            draft.buyer.name = nil
        }
        let fields = fields(story)
        #expect(fields.contact == ["phone": "+380671234567"])
        #expect(fields.deal["amount"] == nil && fields.deal["deal_currency_code"] == nil)
        #expect(fields.deal["dealname"] == "№ \(story.order.text.prefix(8))")
    }

    @Test("a call is a method, a path and a body; what comes from outside cannot leave its segment")
    func calls() throws {
        let call = HubSpotCall.updateContact(id: "1/../2?x", ["email": "a\"b"])
        #expect(call.method == .patch && call.path == "/crm/v3/objects/contacts/1%2F..%2F2%3Fx")
        #expect(String(decoding: call.body, as: UTF8.self) == "{\"properties\":{\"email\":\"a\\\"b\"}}")
        let session = OutboundSession(
            Client(), address: "https://api.hubapi.com//", fields: HubSpot.fields(secret: "t"), deadline: .now)
        let request = session.request(HubSpotCall.readDeal(order: "abc"), timeout: .seconds(1))
        #expect(request.url == "https://api.hubapi.com/crm/v3/objects/deals/abc?idProperty=orderrelay_order_id")
        #expect(request.fields["Authorization"] == "Bearer t" && request.body.isEmpty)
        let upsert =
            try JSONSerialization.jsonObject(with: Data(HubSpotCall.upsertDeal(order: "o", ["amount": "1.00"]).body))
            as? NSDictionary
        #expect(
            upsert == ["inputs": [["id": "o", "idProperty": "orderrelay_order_id", "properties": ["amount": "1.00"]]]])
        #expect(!HubSpotCall.createContact([:]).isRepeatable && HubSpotCall.upsertDeal(order: "o", [:]).isRepeatable)
    }

    private func judge(
        _ status: Int, _ body: String = "", retryAfter: String? = nil,
        call: HubSpotCall = .upsertDeal(order: "o", [:])
    )
        -> HubSpotAnswer
    {
        var response = Response(status: status, body: Array(body.utf8))
        if let retryAfter { response.fields["Retry-After"] = retryAfter }
        return HubSpotAnswer(response, to: call)
    }

    @Test("success is the objects in the answer; one that cannot be read leaves the outcome unknown")
    func success() {
        #expect(judge(200, "{\"results\":[{\"id\":\"5\",\"new\":true}]}") == .objects([.init(id: "5", isNew: true)]))
        #expect(judge(201, "{\"id\":\"5\"}", call: .createContact([:])) == .objects([.init(id: "5", isNew: true)]))
        #expect(judge(200, "{\"results\":[]}", call: .findContact(phone: "+1")) == .objects([]))
        for garbage in ["", "{}", "<html>", "{\"results\":[]}", "{\"results\":[{\"id\":5}]}"] {
            guard case .ends(.unknown) = judge(200, garbage) else {
                Issue.record("\(garbage) is taken for an answer")
                continue
            }
        }
    }

    @Test("the throttle is obeyed: as long as asked for, else as long as its policy counts")
    func throttle() {
        let body = "{\"errorType\":\"RATE_LIMIT\",\"policyName\":\"TEN_SECONDLY_ROLLING\"}"
        #expect(judge(429, body) == .ends(.retry(after: .seconds(10), why: "429 rate limit TEN_SECONDLY_ROLLING")))
        #expect(
            judge(429, body, retryAfter: "3")
                == .ends(.retry(after: .seconds(3), why: "429 rate limit TEN_SECONDLY_ROLLING")))
        #expect(
            judge(429, "{\"policyName\":\"DAILY\"}")
                == .ends(.retry(after: .seconds(3_600), why: "429 rate limit DAILY")))
        #expect(judge(429) == .ends(.retry(after: .seconds(10), why: "429 rate limit")))
        #expect(judge(403, body) == .ends(.retry(after: .seconds(10), why: "403 rate limit TEN_SECONDLY_ROLLING")))
        #expect(judge(503, retryAfter: "7") == .ends(.retry(after: .seconds(7), why: "503")))
        #expect(
            judge(429, body, retryAfter: "999999999")
                == .ends(.retry(after: .seconds(86_400), why: "429 rate limit TEN_SECONDLY_ROLLING")))
    }

    @Test("credentials, scopes and redirects are configuration; refused values are permanent")
    func refusals() {
        #expect(
            judge(401, "{\"category\":\"INVALID_AUTHENTICATION\"}")
                == .ends(.configuration(why: "401 INVALID_AUTHENTICATION: the access token is not accepted")))
        let scopes =
            "{\"category\":\"MISSING_SCOPES\",\"errors\":[{\"context\":{\"requiredGranularScopes\":[\"crm.objects.deals.write\"]}}]}"
        #expect(
            judge(403, scopes)
                == .ends(
                    .configuration(why: "403 MISSING_SCOPES: the access token lacks a scope crm.objects.deals.write")))
        guard case .ends(.configuration) = judge(307) else { return #expect(Bool(false), "a redirect is followed") }
        #expect(judge(404) == .notFound)
        #expect(judge(409, "{\"message\":\"Contact already exists. Existing ID: 51\"}") == .exists(id: "51"))
        #expect(judge(409, "nonsense") == .exists(id: nil))
    }

    @Test("what was refused is reported by its code and property, never by its value")
    func noPersonalData() {
        let body = """
            {"status":"error","category":"VALIDATION_ERROR","message":"Property values were not valid: [{\\"isValid\\":false,\
            \\"message\\":\\"+380 hanna@example.com is invalid\\",\\"error\\":\\"INVALID_PHONE\\",\\"name\\":\\"phone\\"}]"}
            """
        #expect(judge(400, body) == .ends(.permanent(why: "400 VALIDATION_ERROR INVALID_PHONE (phone)")))
        #expect(
            judge(400, body.replacing("INVALID_PHONE", with: "INVALID_EMAIL").replacing("phone", with: "email"))
                == .refusesEmail)
        #expect(judge(400, "hanna@example.com") == .ends(.permanent(why: "400 refused")))
        #expect(judge(422, "{\"category\":\"hanna@example.com\"}") == .ends(.permanent(why: "422 refused")))
    }

    @Test("an id that could lead a path elsewhere is refused, and a scope that is not a code is not kept")
    func foreignText() {
        for id in ["", "..", "1/2", "1 2", "\u{661}", "*", String(repeating: "1", count: 65)] {
            let answer = HubSpotAnswer(
                Response(status: 200, body: Array("{\"id\":\"\(id)\"}".utf8)), to: .readDeal(order: "o"))
            #expect(answer == .ends(.unknown(why: "200 with an answer that cannot be decoded")), "\(id)")
        }
        #expect(judge(409, "{\"message\":\"Existing ID: \u{661}\u{662}\"}") == .exists(id: nil))
        let scopes = [String(repeating: "a", count: 61), "Ганна", "crm.read"].map { "\"\($0)\"" }.joined(separator: ",")
        #expect(
            judge(403, "{\"errors\":[{\"context\":{\"requiredScopes\":[\(scopes)]}}]}")
                == .ends(.configuration(why: "403 : the access token lacks a scope crm.read")))
    }

    @Test("a missing unique property is distinguished from other faults")
    func missingProperty() {
        for message in [
            "Unable to perform update/upsert by non-unique 0-3 property orderrelay_order_id",
            "Property values were not valid: [{\\\"error\\\":\\\"PROPERTY_DOESNT_EXIST\\\",\\\"name\\\":\\\"orderrelay_order_id\\\"}]",
        ] {
            #expect(judge(400, "{\"category\":\"VALIDATION_ERROR\",\"message\":\"\(message)\"}") == .lacksOrderProperty)
        }
    }

    @Test("a server's fault leaves a create in doubt, and all else to be done again")
    func serverFaults() {
        #expect(judge(502) == .ends(.retry(after: nil, why: "502 from HubSpot")))
        #expect(judge(502, call: .createContact([:])) == .ends(.unknown(why: "502 from HubSpot")))
    }
}
