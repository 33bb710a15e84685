import Access
import Foundation
import HTTP
import Testing

@testable import Ingest

/// Malformed orders as callers send them, over a socket.
@Suite("Malformed orders over HTTP", .timeLimit(.minutes(1)))
struct MalformedOrdersTests {
    /// A body, the field that is at fault (a JSON pointer without its slash) and the code it must be reported with.
    struct Kind: Sendable, CustomTestStringConvertible {
        var body: String
        var field: String
        var code: String
        init(_ body: String, _ field: String, _ code: String) {
            (self.body, self.field, self.code) = (body, field, code)
        }
        var testDescription: String { "\(field) \(code)" }
    }

    private static let good = #""email":"a@b.example""#
    private static let long = String(repeating: "я", count: 10_000)

    static let kinds: [Kind] = [
        Kind("[]", "", "WRONG_TYPE"), Kind("7", "", "WRONG_TYPE"), Kind("null", "email", "REQUIRED"),
        Kind("{}", "email", "REQUIRED"), Kind(#"{"title":"x","price":1}"#, "email", "REQUIRED"),
        Kind(#"{"email":"nobody"}"#, "email", "WRONG_EMAIL"),
        Kind(#"{"email":"a@b.example\r\nBcc: c@d.example"}"#, "email", "WRONG_EMAIL"),
        Kind(#"{"email":["a@b.example"]}"#, "email", "WRONG_TYPE"),
        Kind(#"{"email":7}"#, "email", "WRONG_TYPE"), Kind(#"{"email":"b@пошта_.укр"}"#, "email", "WRONG_EMAIL"),
        Kind(#"{"email":"\#(String(repeating: "a", count: 300))@b.example"}"#, "email", "TOO_LONG"),
        Kind(#"{"phone":"12"}"#, "phone", "WRONG_PHONE"), Kind(#"{"phone":"+380 67"}"#, "phone", "WRONG_PHONE"),
        Kind(#"{\#(good),"price":"1.234"}"#, "price", "WRONG_PRICE"),
        Kind(#"{\#(good),"price":-1}"#, "price", "WRONG_PRICE"),
        Kind(#"{\#(good),"price":1e30}"#, "price", "WRONG_PRICE"),
        Kind(#"{\#(good),"price":"10,50"}"#, "price", "WRONG_PRICE"),
        Kind(#"{\#(good),"price":true}"#, "price", "WRONG_TYPE"),
        Kind(#"{\#(good),"price":"1","currency":"XXZ"}"#, "currency", "WRONG_CURRENCY"),
        Kind(#"{\#(good),"price":"1.5","currency":"JPY"}"#, "price", "WRONG_PRICE"),
        Kind(#"{\#(good),"transactionDate":"yesterday"}"#, "transactionDate", "WRONG_DATE"),
        Kind(#"{\#(good),"transactionDate":"20206-01-01"}"#, "transactionDate", "WRONG_DATE"),
        Kind(#"{\#(good),"transactionDate":"1999-12-31"}"#, "transactionDate", "WRONG_DATE"),
        Kind(#"{\#(good),"locale":"xx"}"#, "locale", "WRONG_LOCALE"),
        Kind(#"{\#(good),"title":"\#(long)"}"#, "title", "TOO_LONG"),
        Kind(#"{\#(good),"customer":{"name":"\#(long)"}}"#, "customer/name", "TOO_LONG"),
        Kind(#"{\#(good),"customer":[1]}"#, "customer", "WRONG_TYPE"),
        Kind(#"{\#(good),"customer":{"email":"c@d.example"}}"#, "customer/email", "AMBIGUOUS"),
        Kind(#"{\#(good),"items":{"a":{"title":"x"}}}"#, "items", "WRONG_TYPE"),
        Kind(#"{\#(good),"items":[{"title":"a","price":"-1"}]}"#, "items", "WRONG_PRICE"),
        Kind(#"{\#(good),"items":[{"quantity":1}]}"#, "items/0/title", "REQUIRED"),
        Kind(#"{\#(good),"items":[{"title":"a"},{"title":"b","quantity":0}]}"#, "items/1/quantity", "WRONG_QUANTITY"),
        Kind(#"{\#(good),"items":[{"title":"a","price":"1.9.9"}]}"#, "items/0/price", "WRONG_PRICE"),
        Kind(#"{\#(good),"items":[{"title":"a","quantity":"0.0001"}]}"#, "items/0/quantity", "WRONG_QUANTITY"),
        Kind(
            #"{\#(good),"items":[\#(Array(repeating: #"{"title":"a"}"#, count: 201).joined(separator: ","))]}"#,
            "items",
            "TOO_MANY"),
        Kind(#"{\#(good),"externalId":"a\u0000b"}"#, "externalId", "WRONG_CHARACTER"),
        Kind(#"{\#(good),"source":"a\nb"}"#, "source", "WRONG_CHARACTER"),
        Kind(#"{\#(good),"isNotifyAccount":"perhaps"}"#, "isNotifyAccount", "WRONG_TYPE"),
        Kind(#"{\#(good),"utm":{"source":{}}}"#, "utm/source", "WRONG_TYPE"),
    ]

    @Test("each kind is 422 with its code and its field, validated or sent strictly; nothing is published")
    func kinds() async throws {
        #expect(Self.kinds.count >= 30)
        let served = try await ServedFixture()
        for kind in Self.kinds {
            for path in ["validate", "orders"] {
                let answer = try await served.send(
                    "POST /api/v2/\(path)?strict=1 HTTP/1.1",
                    ["Authorization: Bearer \(served.shop.token.text)", "Accept: application/json"],
                    Array(kind.body.utf8))
                #expect(answer.status == 422, "\(kind.testDescription): \(answer.text.prefix(400))")
                #expect(answer.text.contains("\"code\":\"FORMAT_ERROR\""))
                #expect(
                    answer.text.contains("\"\(kind.field)\":\"\(kind.code)\""),
                    "\(kind.testDescription): \(answer.text)")
            }
            let problem = try await served.send(
                "POST /api/v2/validate?strict=1 HTTP/1.1",
                ["Authorization: Bearer \(served.shop.token.text)", "Accept: application/problem+json"],
                Array(kind.body.utf8))
            let pointer = kind.field.isEmpty ? "" : "/\(kind.field)"
            #expect(problem.text.contains("\"pointer\":\"\(pointer)\""), "\(kind.testDescription): \(problem.text)")
        }
        #expect(served.shop.topic.records.isEmpty)
        await served.stop()
    }

    @Test("odd texts that are fine are taken: right to left, emoji, HTML, line breaks where they may be")
    func fine() async throws {
        let served = try await ServedFixture()
        for title in ["\u{202B}שלום\u{202C}", "👩‍👩‍👧‍👦🇺🇦", "<b>&amp;</b>", #"a\r\nBcc: x"#] {
            let answer = try await served.validate(Array(#"{"email":"a@b.example","title":"\#(title)"}"#.utf8))
            #expect(answer.status == 200, "\(title): \(answer.text)")
        }
        await served.stop()
    }
}

/// The 318 cases of JSONTestSuite (https://github.com/nst/JSONTestSuite) as bodies, where the toolbox is at hand.
@Suite("JSONTestSuite over HTTP", .timeLimit(.minutes(1)))
struct JSONSuiteOverHTTPTests {
    static let folder: URL? = {
        let shared = ProcessInfo.processInfo.environment["ORDERRELAY_SHARED"] ?? "../shared"
        let folder = URL(filePath: shared).appending(path: "suites/json")
        guard FileManager.default.fileExists(atPath: folder.path) else {
            print("SKIPPED: JSONTestSuite is not at \(folder.path); set ORDERRELAY_SHARED to the toolbox")
            return nil
        }
        return folder
    }()

    @Test(
        "every case is answered: what is not JSON with 400 and its byte, the rest as an order that lacks a buyer or is not one",
        .enabled(if: Self.folder != nil))
    func cases() async throws {
        let folder = try #require(Self.folder)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
        #expect(files.count == 318)
        let served = try await ServedFixture()
        for file in files {
            let name = file.lastPathComponent
            let answer = try await served.validate([UInt8](Data(contentsOf: file)))
            let isJSON: Bool? =
                switch name.first {
                case "y": !name.hasPrefix("y_object_duplicated_key")
                case "n": false
                default: nil
                }
            switch answer.status {
            case 400:
                #expect(isJSON != true, "\(name): \(answer.text)")
                #expect(answer.text.contains("\"code\":\"BAD_JSON\"") && answer.text.contains("byte "), "\(name)")
            case 422:
                #expect(isJSON != false, "\(name): \(answer.text)")
                #expect(answer.text.contains("\"code\":\"FORMAT_ERROR\""), "\(name)")
            default: Issue.record("\(name): \(answer.text)")
            }
        }
        #expect(served.shop.topic.records.isEmpty)
        await served.stop()
    }
}
