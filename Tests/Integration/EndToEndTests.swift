import Foundation
import HTTP
import JSON
import Support
import Testing

/// The processes apart, on a real Kafka, with a real mail server and the sandbox's CRM.
@Suite("One order, all the way", .enabled(if: RealKafka.isHere && MailTools.areHere), .serialized)
struct EndToEndTests {
    @Test("1,000 orders become 1,000 messages, 1,000 counted and 1,000 deals; the books close", .timeLimit(.minutes(5)))
    func thousandOrders() async throws {
        let cluster = try await Cluster()
        let count = 1000
        let ids = try await cluster.sendOrders(count)
        #expect(Set(ids).count == count)

        try await eventually("all orders are worked off") { try await cluster.isWorkedOff(count) }
        let messages = try FileManager.default.contentsOfDirectory(atPath: cluster.mail.folder.path)
            .filter { $0.hasSuffix(".eml") }
        #expect(messages.count == count)
        let statistics = try await cluster.api("GET", "/stats?by=day")
        #expect(statistics.contains(#""orders":1000,"sales":0"#), "\(statistics)")
        #expect(try await cluster.dealCount() == count)
        let timeline = try await cluster.api("GET", "/orders/\(ids[0])/timeline")
        for kind in ["accepted", "counted", "done"] { #expect(timeline.contains(#""kind":"\#(kind)""#), "\(timeline)") }

        let audit = try await cluster.run(["audit"])
        #expect(audit.status == 0 && audit.output.contains("unaccounted\t0"), "\(audit)")
        try await cluster.stop()
    }

    @Test("a keyed order sent to two processes has one id and one effect", .timeLimit(.minutes(3)))
    func twoProcesses() async throws {
        let cluster = try await Cluster(ingestProcesses: 2)
        let body = #"{"externalId":"twice","source":"s","email":"buyer@example.com","price":"5.00","currency":"UAH"}"#
        let first = try await cluster.api("POST", "/orders", body, process: 0)
        let second = try await cluster.api("POST", "/orders", body, process: 1)
        let id = try #require(member("id", in: first))
        #expect(member("id", in: second) == id)
        try await eventually("both records are taken in") {
            try await cluster.api("GET", "/orders/\(id)/timeline").contains(#""kind":"folded""#)
        }
        try await eventually("the order is confirmed") { try await cluster.isWorkedOff(1) }
        #expect(try await cluster.api("GET", "/stats?by=day").contains(#""orders":1,"#))
        #expect(try await cluster.dealCount() == 1)
        try await seesADoctor(cluster)
        try await bearsLoad(cluster)
        try await cluster.stop()
    }

    /// `load` sends orders, bad ones, duplicates and payments, and sees each accepted one arrive; of another's database it sees none.
    private func bearsLoad(_ cluster: Cluster) async throws {
        let file = cluster.folder.appending(path: "load-token")
        try Data(cluster.token.utf8).write(to: file)
        func words(seconds: Int) -> [String] {
            [
                "load", "--url", "http://127.0.0.1:\(cluster.ports["ingest1"]!)/api/v2", "--token-file", file.path,
                "--rate", "50", "--seconds", "\(seconds)", "--duplicates", "20", "--bad", "10", "--payments", "20",
            ]
        }
        let run = try await cluster.run(words(seconds: 6))
        #expect(run.status == 0 && run.output.contains("requests\t300\t"), "\(run)")
        let accepted = try #require(run.output.firstMatch(of: /orders accepted\t(\d+)/)).1
        #expect(run.output.contains("arrived everywhere\t\(accepted)\t"), "\(run)")
        for line in ["answered\t422\t", "answered\t201\t", "latency\tp99\t"] {
            #expect(run.output.contains(line), "\(line) \(run)")
        }
        let elsewhere = ["DATABASE_URL": "sqlite:\(cluster.folder.appending(path: "empty.db").path)"]
        let lost = try await cluster.run(words(seconds: 1) + ["--patience", "1"], with: elsewhere)
        #expect(lost.status == 1 && lost.output.contains("missing\t"), "\(lost)")
    }

    /// `doctor` finds nothing at fault where everything works, and sends nothing; and it finds each thing that is wrong.
    private func seesADoctor(_ cluster: Cluster) async throws {
        let healthy = try await cluster.run(["doctor"])
        #expect(healthy.status == 0, "\(healthy)")
        for subject in ["kafka", "topics", "ledger", "smtp", "connection "] {
            #expect(healthy.output.contains("ok\t\(subject)"), "\(subject): \(healthy.output)")
        }
        let mails = try FileManager.default.contentsOfDirectory(atPath: cluster.mail.folder.path)
        #expect(mails.count { $0.hasSuffix(".eml") } == 1)
        #expect(try await cluster.dealCount() == 1)

        let port = FreePorts.take(1)[0]
        for (changes, subject) in [
            (["SMTP_URL": "smtp://127.0.0.1:\(port)?tls=never"], "smtp"),
            (["SECRETS_KEY": String(repeating: "1e", count: 32)], "connection "),
            (["DATABASE_URL": "postgresql://relay:secret-word@127.0.0.1:\(port)/relay"], "ledger"),
            (["KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:\(port)"], "kafka"),
        ] {
            let ill = try await cluster.run(["doctor"], with: changes)
            #expect(ill.status == 1 && ill.output.contains("fault\t\(subject)"), "\(subject): \(ill)")
            #expect(!(ill.output + ill.errors).contains("secret-"))
        }
    }
}

/// The value of the first member of this name whose value is text.
func member(_ name: String, in text: String) -> String? {
    guard let start = text.firstRange(of: "\"\(name)\":\"") else { return nil }
    return String(text[start.upperBound...].prefix { $0 != "\"" })
}
