import Foundation
import Support
import Testing

/// What the program sets up before its services, as the kernel shows it. Kafka is away: nothing of this needs it.
@Suite("The threads of a process")
struct IngestThreadsTests {
    /// Of /proc/PID/task/ID/stat, proc_pid_stat(5): the name in brackets, and what follows from the third field on.
    private struct Thread {
        var name: Substring
        var policy: Substring

        init?(stat: String) {
            guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")") else { return nil }
            name = stat[stat.index(after: open)..<close]
            let fields = stat[stat.index(after: close)...].split(separator: " ")
            guard fields.count > 38 else { return nil }
            policy = fields[38]
        }

        /// The current ones; one that ends in the meantime is left out.
        static func all(of processID: Int32) -> [Thread] {
            let folder = "/proc/\(processID)/task"
            let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return numbers.compactMap { number in
                (try? String(contentsOfFile: "\(folder)/\(number)/stat", encoding: .utf8)).flatMap(Thread.init(stat:))
            }
        }
    }

    /// The policies are those of sched(7): SCHED_OTHER and SCHED_BATCH.
    @Test(
        "ingest is scheduled as configured, and threads of jemalloc release its memory",
        arguments: [(nil, "0"), ("normal", "0"), ("batch", "3")] as [(scheduling: String?, policy: String)])
    func threads(scheduling: String?, policy: String) async throws {
        let folder = MailTools.temporaryFolder("threads")
        let program = try Program(
            ["ingest"],
            environment: [
                "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "HTTP_LISTEN": "127.0.0.1:0", "ADMIN_LISTEN": "127.0.0.1:0",
                "DATABASE_URL": "sqlite:\(folder.appending(path: "orderrelay.db").path)",
            ].merging(scheduling.map { ["HTTP_SCHEDULING": $0] } ?? [:]) { $1 }, in: folder)
        var threads: [Thread] = []
        try await eventually("its Kafka clients have threads") {
            threads = Thread.all(of: program.processID)
            return threads.contains { $0.name.hasPrefix("rdk:") }
        }
        #expect(threads.contains { $0.name.hasPrefix("jemalloc_bg") }, "\(threads)")
        let clients = threads.filter { $0.name.hasPrefix("rdk:") }
        #expect(!clients.isEmpty && clients.allSatisfy { $0.policy == policy }, "\(threads)")
        #expect(await program.stop() == 0, "\(program.errors)")
    }
}
