import Foundation
import HTTP
import Support
import Synchronization
import Testing

/// The whole program, every process apart, while a real Kafka is away, empty, or not what it was.
@Suite("A broker that fails the whole program", .enabled(if: RealKafka.isHere && MailTools.areHere), .serialized)
struct BrokerFaultTests {
    private static let workers = ["confirmations", "analytics", "crm"]

    private func relay(_ mail: HelperServer) async throws -> Relay {
        Relay(
            on: try await RealKafka.ownCluster(),
            ["SMTP_URL": "smtp://127.0.0.1:\(mail.port)?tls=never", "MAIL_FROM": "orders@shop.example"])
    }

    @Test(
        "without a broker every process waits and says so, without topics it names the remedy; then all get ready",
        .timeLimit(.minutes(4)))
    func downAtStart() async throws {
        let mail = try await HelperServer.started("smtp_sink.py")
        let relay = try await relay(mail)
        try await relay.kafka.ask("kill", "1")
        let members = try (Self.workers + ["ingest"]).map { try relay.start($0) }
        async let tool = relay.run("topics", "check")
        for member in members {
            try await eventually("\(member.name) says for what it waits") {
                !member.lines(with: "waits for").isEmpty
            }
            let (isReady, text) = await member.readiness()
            #expect(!isReady && text.contains("waits for"), "\(member.name): \(text)")
        }
        let (status, _, errors) = try await tool
        #expect(status == 3 && errors.contains("Kafka is unavailable"), "\(status): \(errors)")

        try await relay.kafka.ask("restart", "1")
        for member in members {
            try await eventually("\(member.name) names `orderrelay topics create`") {
                let text = await member.readiness().text
                return text.contains("orderrelay topics create")
                    && !member.lines(with: "orderrelay topics create").isEmpty
            }
        }
        _ = try await relay.told("topics", "create")
        let token = try await relay.token()
        for member in members { try await relay.waitUntilReady(member) }
        for member in members {
            // One clear line for each thing and reason, not one a try.
            let lines = member.lines(with: "waits for").map { $0.drop { $0 != "," } }
            #expect(lines.count == Set(lines).count, "\(member.name):\n\(member.program.errors)")
        }
        let answer = try await members[3].send(.post, "/orders", token: token, Cluster.order(1))
        #expect(answer.status == 201)
        try await eventually("the order is confirmed") {
            try await members[0].metric("orderrelay_delivery_attempts_total", having: "outcome=\"done\"") == 1
        }
        for member in members { try await relay.stop(member) }
        mail.stop()
        try await relay.kafka.ask("wipe")
    }

    @Test(
        "a broker away for 30 s: every answer is 201 or 503 in time, every order has one effect however often it was sent",
        .timeLimit(.minutes(4)))
    func away() async throws {
        let mail = try await HelperServer.started("smtp_sink.py")
        let relay = try await relay(mail)
        _ = try await relay.told("topics", "create")
        let token = try await relay.token()
        let members = try (Self.workers + ["ingest"]).map { try relay.start($0) }
        for member in members { try await relay.waitUntilReady(member) }
        let ingest = members[3]

        let callers = PatientCallers(ingest, token)
        let calling = Task { try await callers.call() }
        try await eventually("some orders are taken") { callers.tally.taken.count >= 50 }
        try await relay.kafka.ask("kill", "1")
        try await Task.sleep(for: .seconds(30))
        let taken = callers.tally.taken.count
        let (isReady, text) = await ingest.readiness()
        #expect(!isReady && text.contains("waits for topic orders"), "without Kafka ingest says \(text)")
        for worker in members.dropLast() {
            let (isReady, text) = await worker.readiness()
            #expect(!isReady && text.contains("Kafka does not answer: "), "without Kafka \(worker.name) says \(text)")
        }
        try await relay.kafka.ask("restart", "1")
        try await eventually("orders are taken again") { callers.tally.taken.count > taken + 50 }
        for member in members { try await relay.waitUntilReady(member) }
        callers.finish()
        try await calling.value

        let tally = callers.tally
        #expect(Set(tally.answers.keys) == [201, 503], "\(tally.answers)")
        #expect(tally.slowest < .seconds(8.5), "an answer took \(tally.slowest)")
        #expect(tally.withoutRetryAfter == 0 && tally.repeatedIDs == tally.taken)
        let count = tally.taken.count
        try await eventually("every order is confirmed") { try Self.messages(mail).count >= count }
        try await eventually("every order is counted") {
            let answer = try await ingest.send(.get, "/stats?by=day", token: token)
            return String(decoding: answer.body, as: UTF8.self).contains(#""orders":\#(count),"#)
        }
        // One message each: the outage made records come twice, and they folded.
        let recipients = try Self.messages(mail)
        #expect(recipients.count == count && Set(recipients).count == count)
        let audit = try await relay.run("audit")
        #expect(audit.status == 0 && audit.output.contains("unaccounted\t0"), "\(audit)")
        for member in members {
            let lines = member.program.errors.split(separator: "\n").filter { !$0.contains("\"info\"") }.count
            #expect(lines < 20, "\(member.name) said \(lines) lines:\n\(member.program.errors.suffix(4000))")
            try await relay.stop(member)
        }
        mail.stop()
        try await relay.kafka.ask("wipe")
    }

    /// The recipients of all messages that came.
    private static func messages(_ mail: HelperServer) throws -> [String] {
        try FileManager.default.contentsOfDirectory(at: mail.folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.compactMap { try? ReadEnvelope(at: $0).to.first }
    }
}

/// Callers who send each order, with a number of its own, until it is taken: again as it was after a 503.
private final class PatientCallers: Sendable {
    struct Tally {
        /// By the order's number: the id that was answered.
        var taken: [Int: String] = [:]
        /// The id that a repeat of a taken order was answered with.
        var repeatedIDs: [Int: String] = [:]
        var answers: [Int: Int] = [:]
        var slowest = Duration.zero
        var withoutRetryAfter = 0
        var isFinishing = false
        var next = 1
    }

    private let ingest: Member
    private let token: String
    private let state = Mutex(Tally())

    init(_ ingest: Member, _ token: String) {
        self.ingest = ingest
        self.token = token
    }

    var tally: Tally { state.withLock { $0 } }
    func finish() { state.withLock { $0.isFinishing = true } }

    func call() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { try await self.lane() } }
            try await group.waitForAll()
        }
    }

    private func lane() async throws {
        while true {
            let number = state.withLock { tally -> Int? in
                if tally.isFinishing { return nil }
                defer { tally.next += 1 }
                return tally.next
            }
            guard let number else { return }
            var id: String?
            while id == nil {
                id = try await send(number)
                // As fast as a shop is patient; the broker's 30 s are to be met by few hundred tries, not thousands.
                try await Task.sleep(for: .milliseconds(id == nil ? 500 : 50))
            }
            let again = try await send(number)
            state.withLock { tally in
                tally.taken[number] = id
                tally.repeatedIDs[number] = again ?? id
            }
        }
    }

    /// The order's id; nil if it was not taken.
    private func send(_ number: Int) async throws -> String? {
        let began = ContinuousClock.now
        let answer = try await ingest.send(.post, "/orders", token: token, Cluster.order(number))
        let took = ContinuousClock.now - began
        state.withLock { tally in
            tally.answers[answer.status, default: 0] += 1
            tally.slowest = max(tally.slowest, took)
            if answer.status == 503, Int(answer.fields["Retry-After"] ?? "") ?? 0 < 1 { tally.withoutRetryAfter += 1 }
        }
        return answer.status == 201 ? member("id", in: String(decoding: answer.body, as: UTF8.self)) : nil
    }
}
