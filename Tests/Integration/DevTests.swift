import Foundation
import HTTP
import Support
import Testing

/// `orderrelay dev`, as somebody tries it.
@Suite("All of it in one process", .serialized)
struct DevTests {
    /// What `--json` prints.
    private struct Line: Decodable {
        var api: String
        var admin: String
        var mailbox: String
        var token: String
    }

    /// `dev` in a folder, started and ready.
    private struct Running {
        let program: Program
        let line: Line
        let client = Client()

        init(in folder: URL) async throws {
            program = try Program(
                ["dev", "--json", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"], in: folder)
            let text = try #require(await program.line(), "\(program.errors)")
            line = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
        }

        func send(_ method: HTTP.Method, _ path: String, _ body: String = "") async throws -> String {
            let request = ClientRequest(
                method, "\(line.api)\(path)",
                fields: ["Authorization": "Bearer \(line.token)", "Content-Type": "application/json"],
                body: Array(body.utf8))
            return String(decoding: try await client.send(request).body, as: UTF8.self)
        }

        func page(_ url: String) async throws -> String {
            String(decoding: try await client.send(ClientRequest(.get, url)).body, as: UTF8.self)
        }

        /// How often the threads that ask the embedded broker have waited for its answer so far.
        func waitsForBroker() throws -> Int {
            let tasks = URL(fileURLWithPath: "/proc/\(program.processID)/task")
            let threads = try FileManager.default.contentsOfDirectory(at: tasks, includingPropertiesForKeys: nil)
                .filter { (try? String(contentsOf: $0.appending(path: "comm"), encoding: .utf8)) == "rdk:broker1\n" }
            #expect(threads.count > 4)
            return threads.reduce(0) { sum, thread in
                let status = try? String(contentsOf: thread.appending(path: "status"), encoding: .utf8)
                let line = status?.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
                return sum + (line?.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) } ?? 0)
            }
        }

        /// The timeline once all three workers are done with the order; what it was like after 2 s otherwise.
        func timeline(of id: String) async throws -> String {
            let deadline = ContinuousClock.now + .seconds(2)
            while true {
                let text = try await send(.get, "/orders/\(id)/timeline")
                let isWhole = ["\"messageId\"", "\"dealId\"", "\"bucket\""].allSatisfy { text.contains($0) }
                if isWhole || .now > deadline { return text }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private static func order(_ number: String, locale: String) -> String {
        """
        {"externalId":"\(number)","source":"my-shop","title":"Course","price":"1490.00","currency":"UAH",\
        "email":"olena@example.com","customer":{"name":"Олена"},"locale":"\(locale)"}
        """
    }

    @Test(
        "an order is confirmed, counted and in the CRM within 2 s; paid, it is a sale; a restart goes on",
        .timeLimit(.minutes(2)))
    func wholeWay() async throws {
        let folder = MailTools.temporaryFolder("dev")
        let first = try await Running(in: folder)
        let accepted = try await first.send(.post, "/orders", Self.order("1", locale: "uk"))
        let id = try #require(member("id", in: accepted), "\(accepted)")
        let timeline = try await first.timeline(of: id)
        for part in [
            #""topic":"orders""#, #""smtp":"250"#, #""messageId":"<\#(id)."#, "contactId", "dealId",
            #""kind":"counted""#,
        ] {
            #expect(timeline.contains(part), "\(part) is missing in \(timeline)")
        }
        #expect(try await first.page("\(first.line.mailbox)/1").contains("Замовлення"))

        _ = try await first.send(.put, "/orders/\(id)", #"{"status":"RESOLVED"}"#)
        let deadline = ContinuousClock.now + .seconds(5)
        var statistics = ""
        while !statistics.contains(#""sales":1"#), .now < deadline {
            statistics = try await first.send(.get, "/stats")
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(
            statistics.contains(#""orders":1,"sales":1,"conversion":"100.00","totalSale":"1490.00""#), "\(statistics)")
        #expect(try await first.send(.get, "/orders/\(id)/timeline").contains("closedwon"))
        #expect(await first.program.stop() == 0, "\(first.program.errors)")

        let second = try await Running(in: folder)
        #expect(second.line.token == first.line.token, "the token is kept from start to start")
        let again = try await second.send(.post, "/orders", Self.order("2", locale: "en"))
        let other = try #require(member("id", in: again), "\(again)")
        #expect(try await second.timeline(of: other).contains("dealId"))
        #expect(try await second.send(.get, "/orders").contains(#""totalCount":2"#))
        #expect(await second.program.stop() == 0)
    }

    /// Counted is how often they wait, since the processor time that it takes depends on what else the machine does.
    @Test("when nothing happens, the embedded broker is asked less than 75 times a second", .timeLimit(.minutes(2)))
    func atRest() async throws {
        let running = try await Running(in: MailTools.temporaryFolder("dev"))
        try await eventually("nothing happens for 2 s") {
            let before = try running.waitsForBroker()
            try await Task.sleep(for: .seconds(2))
            return try running.waitsForBroker() - before < 150
        }
        #expect(await running.program.stop() == 0)
    }

    @Test("a taken port and a folder that cannot be written end the start with one line and status 1")
    func cannotStart() async throws {
        let folder = MailTools.temporaryFolder("dev")
        let running = try await Running(in: folder)
        let port = running.line.api.split(separator: ":")[2].prefix { $0.isNumber }
        let taken = try Program(
            ["dev", "--data", "other", "--listen", "127.0.0.1:\(port)", "--admin", "127.0.0.1:0"], in: folder)
        #expect(await taken.status() == 1)
        #expect(taken.errors.contains("port \(port) is taken"))
        #expect(await running.program.stop() == 0)
        let file = try Program(["dev", "--data", "/proc/nowhere"], in: folder)
        #expect(await file.status() == 1)
        #expect(file.errors.contains("/proc/nowhere"))
    }

    @Test("wrong use is reported with a suggestion, and status 2")
    func wrongUse() async throws {
        let folder = MailTools.temporaryFolder("use")
        for (words, environment, meant) in [
            (["tokn"], [:], "token"), (["token", "create", "--acount", "x"], [:], "--account"),
            (["config"], ["LOG_LEVL": "debug"], "LOG_LEVEL"), (["config"], ["LOG_LEVEL": "loud"], "debug"),
        ] as [([String], [String: String], String)] {
            let program = try Program(words, environment: environment, in: folder)
            #expect(await program.status() == 2, "\(words)")
            #expect(program.errors.contains(meant), "\(program.errors)")
        }
    }
}
