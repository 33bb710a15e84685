import Foundation
import HTTP
import Testing

@testable import Sandbox

@Suite struct SandboxCRMTests {
    let crm = SandboxCRM(token: "pat-1", now: { 1_700_000_000_000 })

    private func ask(
        _ method: HTTP.Method, _ path: String, _ body: String = "", token: String? = "pat-1",
        query: [(name: String, value: String)] = []
    )
        -> (status: Int, json: NSDictionary)
    {
        var fields = HeaderFields()
        if let token { fields["Authorization"] = "Bearer \(token)" }
        let response = crm.answer(
            Request(head: RequestHead(method: method, path: path, query: query, fields: fields), body: Array(body.utf8))
        )
        return (response.status, (try? JSONSerialization.jsonObject(with: Data(response.body))) as? NSDictionary ?? [:])
    }

    private func upsertContact(_ email: String, _ name: String = "Hanna") -> (status: Int, json: NSDictionary) {
        ask(
            .post, "/crm/v3/objects/contacts/batch/upsert",
            "{\"inputs\":[{\"id\":\"\(email)\",\"idProperty\":\"email\",\"properties\":{\"email\":\"\(email)\",\"firstname\":\"\(name)\"}}]}"
        )
    }

    private func first(_ json: NSDictionary) -> NSDictionary { (json["results"] as? [NSDictionary])?.first ?? [:] }

    @Test("a token is asked for before all else")
    func authentication() {
        for token in [nil, "", "pat-2"] {
            let answer = ask(.get, "/crm/v3/objects/deals/1", token: token)
            #expect(answer.status == 401)
            #expect(answer.json["category"] as? String == "INVALID_AUTHENTICATION")
        }
    }

    @Test("an upsert makes a contact once, whatever the case of the address, and says whether it is new")
    func upsert() {
        let made = upsertContact("Hanna@Example.com")
        #expect(made.status == 200 && made.json["status"] as? String == "COMPLETE")
        #expect(first(made.json)["new"] as? Bool == true)
        let again = upsertContact("hanna@example.com", "Ганна")
        #expect(first(again.json)["new"] as? Bool == false)
        #expect(first(again.json)["id"] as? String == first(made.json)["id"] as? String)
        #expect((first(again.json)["properties"] as? NSDictionary)?["firstname"] as? String == "Ганна")
        #expect(crm.count(of: "contacts") == 1)
    }

    @Test("creating a contact that is there is a conflict that names it")
    func conflict() {
        let id = first(upsertContact("a@example.com").json)["id"] as? String ?? "-"
        let answer = ask(.post, "/crm/v3/objects/contacts", "{\"properties\":{\"email\":\"a@example.com\"}}")
        #expect(answer.status == 409)
        #expect(answer.json["message"] as? String == "Contact already exists. Existing ID: \(id)")
        #expect(answer.json["category"] as? String == "CONFLICT")
    }

    @Test("a deal is found by a unique property only once that exists")
    func uniqueProperty() {
        let upsert =
            "{\"inputs\":[{\"id\":\"o1\",\"idProperty\":\"orderrelay_order_id\",\"properties\":{\"dealname\":\"x\",\"amount\":\"1499.50\"}}]}"
        let before = ask(.post, "/crm/v3/objects/deals/batch/upsert", upsert)
        #expect(before.status == 400)
        #expect((before.json["message"] as? String)?.contains("non-unique 0-3 property orderrelay_order_id") == true)
        let property =
            "{\"name\":\"orderrelay_order_id\",\"label\":\"Order\",\"type\":\"string\",\"fieldType\":\"text\",\"groupName\":\"dealinformation\",\"hasUniqueValue\":true}"
        #expect(ask(.post, "/crm/v3/properties/deals", property).status == 201)
        #expect(ask(.post, "/crm/v3/properties/deals", property).status == 409)
        let made = ask(.post, "/crm/v3/objects/deals/batch/upsert", upsert)
        #expect(made.status == 200)
        let id = first(made.json)["id"] as? String ?? "-"
        let query = [(name: "idProperty", value: "orderrelay_order_id")]
        #expect(ask(.get, "/crm/v3/objects/deals/o1", query: query).json["id"] as? String == id)
        #expect(ask(.get, "/crm/v3/objects/deals/o2", query: query).status == 404)
        #expect(
            ask(.patch, "/crm/v3/objects/deals/o1", "{\"properties\":{\"dealstage\":\"closedwon\"}}", query: query)
                .status == 200)
        #expect(crm.entries(of: "deals", limit: 1).first?.properties["dealstage"] == "closedwon")
    }

    @Test(
        "values that HubSpot would refuse are refused as it does",
        arguments: [
            ("contacts", "\"email\":\"nobody\"", "INVALID_EMAIL"), ("deals", "\"amount\":\"12,5\"", "INVALID_LONG"),
            ("deals", "\"dealstage\":\"nowhere\"", "INVALID_OPTION"),
            ("deals", "\"colour\":\"red\"", "PROPERTY_DOESNT_EXIST"),
            ("deals", "\"deal_currency_code\":\"XYZ\"", "INVALID_OPTION"),
        ])
    func validation(type: String, property: String, code: String) {
        let answer = ask(.post, "/crm/v3/objects/\(type)", "{\"properties\":{\(property)}}")
        #expect(answer.status == 400)
        #expect(answer.json["category"] as? String == "VALIDATION_ERROR")
        #expect((answer.json["message"] as? String)?.contains(code) == true)
        #expect(ask(.post, "/crm/v3/objects/\(type)", "{not json").status == 400)
    }

    @Test("a search by phone finds every contact that has it")
    func search() {
        for _ in 0..<2 { _ = ask(.post, "/crm/v3/objects/contacts", "{\"properties\":{\"phone\":\"+380671234567\"}}") }
        let body =
            "{\"filterGroups\":[{\"filters\":[{\"propertyName\":\"phone\",\"operator\":\"EQ\",\"value\":\"+380671234567\"}]}],\"limit\":1}"
        let found = ask(.post, "/crm/v3/objects/contacts/search", body)
        #expect(found.json["total"] as? Int == 2)
        #expect((found.json["results"] as? [Any])?.count == 1)
    }

    @Test("a deal is tied to its contact, however often that is asked for")
    func association() {
        let contact = first(upsertContact("a@example.com").json)["id"] as? String ?? "-"
        let deal =
            ask(.post, "/crm/v3/objects/deals", "{\"properties\":{\"dealname\":\"x\"}}").json["id"] as? String ?? "-"
        for _ in 0..<2 {
            let answer = ask(.put, "/crm/v4/objects/deal/\(deal)/associations/default/contact/\(contact)")
            #expect(answer.status == 200 && answer.json["status"] as? String == "COMPLETE")
        }
        #expect(crm.entries(of: "deals", limit: 1).first?.contacts == [contact])
        #expect(ask(.put, "/crm/v4/objects/deal/\(deal)/associations/default/contact/77").status == 404)
    }

    @Test("the throttle answers as HubSpot's do, with Retry-After and without")
    func throttle() throws {
        let with = HubSpotReply.rateLimited(daily: false, retryAfter: 7)
        #expect(with.status == 429 && with.fields["Retry-After"] == "7")
        #expect(String(decoding: with.body, as: UTF8.self).contains("\"policyName\":\"TEN_SECONDLY_ROLLING\""))
        let without = HubSpotReply.rateLimited(daily: true, retryAfter: nil)
        #expect(without.fields["Retry-After"] == nil)
        #expect(String(decoding: without.body, as: UTF8.self).contains("\"errorType\":\"RATE_LIMIT\""))
    }

    @Test(
        "a header orders a fault",
        arguments: [
            ("429; retry-after=2", CRMFaults.What.rateLimited(daily: false, retryAfter: 2)), ("401", .status(401)),
            ("503", .status(503)),
            ("slow; ms=50", .slow(milliseconds: 50)), ("half", .half), ("close-done", .closeDone),
        ])
    func faultHeader(text: String, what: CRMFaults.What) {
        #expect(CRMFaults.What(header: text) == what)
        #expect(CRMFaults.What(header: "nonsense") == nil)
    }
}
