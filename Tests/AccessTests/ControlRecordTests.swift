import Crypto
import Testing

@testable import Access

@Suite("Control records") struct ControlRecordTests {
    static let records: [ControlRecord] = {
        var account = AccountRecord(id: "acme", name: "Крамниця \"Їжак\"")
        account.country = "PL"
        account.apiAccess = false
        account.version = 7
        var token = TokenRecord(
            id: "0123456789abcdef", account: "acme", secretDigest: sha256([1]), scopes: [.read, .admin],
            label: "Zapier",
            limitID: "ff", limit: 10)
        token.expiresAt = 1_780_000_000_000
        return [
            .account(account), .token(token), .limit(LimitSetting(limitID: "ff", limit: 1_000)),
            .restriction(RestrictionRecord(limitID: "ff", level: 2, until: .max)),
        ]
    }()

    @Test("a record is read back as it was written", arguments: records)
    func roundTrip(record: ControlRecord) throws {
        #expect(try ControlRecord(key: record.key, value: record.encoded()) == record)
    }

    @Test("records of today's form can be read for ever")
    func pinned() throws {
        let account = #"{"id":"acme","name":"Acme","schema":1}"#
        #expect(
            try ControlRecord(key: "account/acme", value: Array(account.utf8))
                == .account(AccountRecord(id: "acme", name: "Acme")))
        let token = """
            {"account":"acme","id":"01","label":"x","limit":300,"limitID":"ff","new member":[1],"schema":1,\
            "scopes":["read","write"],"secretDigest":"\(sha256([1]))","version":3}
            """
        guard case .token(let record) = try ControlRecord(key: "token/01", value: Array(token.utf8)) else {
            Issue.record("it is no token")
            return
        }
        #expect(record.scopes == [.read, .write] && record.version == 3 && record.expiresAt == nil)
        let limit = #"{"limit":10,"limitID":"ff","schema":1,"version":1}"#
        #expect(ControlRecord.limit(.init(limitID: "ff", limit: 10)).encoded() == Array(limit.utf8))
        #expect(ControlRecord.limit(.init(limitID: "ff", limit: 10)).key == "limit/ff")
        let restriction = #"{"level":1,"limitID":"ff","schema":1,"until":5}"#
        #expect(
            ControlRecord.restriction(.init(limitID: "ff", level: 1, until: 5)).encoded() == Array(restriction.utf8))
    }

    @Test("a kind that this program does not know is ignored")
    func unknownKind() throws {
        #expect(try ControlRecord(key: "banner/1", value: Array("{}".utf8)) == nil)
        #expect(try ControlRecord(key: "account", value: []) == nil)
    }

    @Test(
        "what cannot be read is refused, a newer schema by its name",
        arguments: [
            ("account/acme", "", ControlRecordError.malformed(key: "account/acme")),
            ("account/acme", "[]", .malformed(key: "account/acme")),
            ("account/acme", #"{"id":"acme","name":"A"}"#, .malformed(key: "account/acme")),
            ("account/acme", #"{"id":"acme","schema":1}"#, .malformed(key: "account/acme")),
            ("account/acme", #"{"id":"other","name":"A","schema":1}"#, .malformed(key: "account/acme")),
            ("account/acme", #"{"schema":2}"#, .newerSchema(key: "account/acme", schema: 2)),
            ("token/01", #"{"id":"01","schema":1,"scopes":["fly"]}"#, .malformed(key: "token/01")),
        ])
    func refused(key: String, value: String, error: ControlRecordError) {
        #expect(throws: error) { try ControlRecord(key: key, value: Array(value.utf8)) }
    }
}
