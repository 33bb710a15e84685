import Foundation
import HTTP
import Support
import Synchronization
import Testing

/// The rate limit as callers meet it: two `ingest` processes on a real Kafka, and one token hammered through both.
@Suite("The rate limit through HTTP", .enabled(if: RealKafka.isHere), .serialized)
struct RateLimitGateTests {
    @Test(
        "a limit of 30 hammered through two processes: never 31 in any 60 s; restricted, lifted, raised",
        .timeLimit(.minutes(4)))
    func hammered() async throws {
        let processes = try await IngestPair(limit: 30)

        // Callers who don't heed Retry-After: refused, and after some seconds restricted.
        let first = try await processes.hammer(for: .seconds(25), untilCode: "ABNORMAL_USAGE_DETECTED")
        #expect((29...30).contains(first.granted.count), "\(first)")
        #expect(first.codes["QUOTA_EXCEEDED"] ?? 0 > 30, "\(first)")
        #expect(first.codes["ABNORMAL_USAGE_DETECTED"] != nil, "\(first)")
        #expect(first.statuses == [201, 429] && first.withoutRetryAfter == 0, "\(first)")

        let usage = try await processes.send("GET", "/usage", process: 1)
        let usageText = String(decoding: usage.body, as: UTF8.self)
        #expect(usage.status == 200 && usageText.contains(#""remaining":0"#), "\(usageText)")
        #expect(!usageText.contains(#""restrictedUntil":null"#) && usageText.contains(#""isThisProcess":true"#))

        let shown = try await processes.run(["ratelimit", "show", "--token", processes.tokenID])
        #expect(shown.contains("requests in any 60 s\t30") && shown.contains("free now\t0"), "\(shown)")
        #expect(shown.contains("spent by ") && !shown.contains("not restricted"), "\(shown)")
        let lifted = try await processes.run(["ratelimit", "lift", "--token", processes.tokenID])
        #expect(lifted.hasSuffix("\tlifted"), "\(lifted)")

        // Within 2 s it is the limit again that refuses; a caller who comes at the given time is served.
        var told = 0
        try await eventually("the restriction is gone", within: .seconds(2)) {
            let answer = try await processes.send("GET", "/me")
            told = Int(answer.fields["Retry-After"] ?? "") ?? 0
            return String(decoding: answer.body, as: UTF8.self).contains("QUOTA_EXCEEDED")
        }
        #expect((1...61).contains(told))
        try await Task.sleep(for: .seconds(told))
        #expect(try await processes.send("GET", "/me").status == 200, "a permit exists when Retry-After says so")
        let second = try await processes.hammer(for: .seconds(4))
        #expect(second.granted.count >= 20, "\(second)")
        #expect(Admissions.worst(of: first.granted + second.granted) <= 30)

        // A plan's larger limit holds within 2 s.
        _ = try await processes.run(["token", "set", processes.tokenID, "--limit", "40"])
        var granted: [Admissions.Request] = []
        try await eventually("the larger limit holds", within: .seconds(2)) {
            let third = try await processes.hammer(for: .milliseconds(200))
            granted += third.granted
            return !granted.isEmpty
        }
        granted += try await processes.hammer(for: .seconds(2)).granted
        #expect((9...11).contains(granted.count), "\(granted.count) more")
        #expect(Admissions.worst(of: first.granted + second.granted + granted) <= 40)
        try await processes.stop()
    }
}

/// Two `ingest` processes and one token, on a Kafka of their own.
private final class IngestPair: Sendable {
    struct Tally: Sendable, CustomStringConvertible {
        var granted: [Admissions.Request] = []
        var statuses: Set<Int> = []
        var codes: [String: Int] = [:]
        var withoutRetryAfter = 0
        var failure: String?

        var description: String {
            "\(granted.count) granted, statuses \(statuses), codes \(codes), \(withoutRetryAfter) without Retry-After"
        }

        mutating func note(_ response: Response, sent: ContinuousClock.Instant) {
            statuses.insert(response.status)
            guard response.status != 201 else { return granted.append(.init(sent: sent, answered: .now)) }
            codes[member("code", in: String(decoding: response.body, as: UTF8.self)) ?? "none", default: 0] += 1
            if Int(response.fields["Retry-After"] ?? "") ?? 0 < 1 { withoutRetryAfter += 1 }
        }
    }

    private final class Shared: Sendable {
        let tally = Mutex(Tally())
    }

    let tokenID: String
    private let token: String
    private let kafka: RealKafka
    private let folder: URL
    private let environment: [String: String]
    private let ports: [Int]
    private let programs: [Program]
    private let client = Client()
    private let sent = Atomic<Int>(0)

    init(limit: Int) async throws {
        kafka = try RealKafka(brokers: 1)
        folder = MailTools.temporaryFolder("ratelimit")
        ports = FreePorts.take(4)
        environment = [
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers,
            "DATABASE_URL": "sqlite:\(folder.appending(path: "orderrelay.db").path)",
        ]
        let (folder, environment) = (folder, environment)
        _ = try await Program.output(of: ["topics", "create"], environment: environment, in: folder)
        _ = try await Program.output(of: ["account", "create", "Shop"], environment: environment, in: folder)
        token = try await Program.output(
            of: ["token", "create", "--account", "Shop", "--limit", String(limit)], environment: environment, in: folder
        )
        tokenID = String(token.dropFirst(3).prefix(16))
        programs = try [0, 1].map { [ports] number in
            let own = [
                "HTTP_LISTEN": "127.0.0.1:\(ports[number])", "ADMIN_LISTEN": "127.0.0.1:\(ports[2 + number])",
            ]
            return try Program(["ingest"], environment: environment.merging(own) { _, new in new }, in: folder)
        }
        for port in ports[2...] {
            try await eventually("ingest is ready", within: .seconds(60)) { [client] in
                (try? await client.send(ClientRequest(.get, "http://127.0.0.1:\(port)/readyz")))?.status == 200
            }
        }
    }

    func send(_ method: String, _ path: String, _ body: String = "", process: Int = 0) async throws -> Response {
        try await client.send(
            ClientRequest(
                method == "GET" ? .get : .post, "http://127.0.0.1:\(ports[process])/api/v2\(path)",
                fields: ["Authorization": "Bearer \(token)", "Content-Type": "application/json"], body: Array(body.utf8)
            ))
    }

    /// Sends orders through both processes, as fast as they are answered, until the time is over or an answer has this
    /// code.
    func hammer(for time: Duration, untilCode code: String? = nil) async throws -> Tally {
        let end = ContinuousClock.now + time
        let shared = Shared()
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask { await self.send(process: lane % 2, until: end, code, shared) }
            }
        }
        let tally = shared.tally.withLock { $0 }
        try #require(tally.failure == nil, "\(tally.failure ?? "")")
        return tally
    }

    private func send(process: Int, until end: ContinuousClock.Instant, _ code: String?, _ shared: Shared) async {
        while .now < end {
            if let code, shared.tally.withLock({ $0.codes[code] != nil }) { return }
            let number = sent.add(1, ordering: .relaxed).newValue
            let start = ContinuousClock.now
            do {
                let response = try await send("POST", "/orders", Cluster.order(number), process: process)
                shared.tally.withLock { $0.note(response, sent: start) }
            } catch {
                return shared.tally.withLock { $0.failure = "\(error)" }
            }
        }
    }

    func run(_ arguments: [String]) async throws -> String {
        try await Program.output(of: arguments, environment: environment, in: folder)
    }

    func stop() async throws {
        for program in programs {
            let status = await program.stop()
            #expect(status == 0, "\(program.errors.suffix(2000))")
        }
        kafka.wipe()
        client.close()
    }
}
