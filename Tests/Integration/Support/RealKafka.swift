import Foundation
import Synchronization
import Testing

/// A real Apache Kafka for tests: brokers of their own on loopback, started once and wiped at the end.
///
/// Found through `ORDERRELAY_SHARED` (default `../shared` from the package's root). Where it is missing the tests that
/// need it are skipped, loudly; under `ORDERRELAY_CI=1` that is a failure unless `ALLOW_SKIP=1`.
final class RealKafka: Sendable {
    /// One broker for all tests that do it no harm.
    static let shared = try? RealKafka(brokers: 1)

    /// Whether a real Kafka can be started here; says so once where it can't.
    static let isHere: Bool = {
        if FileManager.default.isExecutableFile(atPath: command.path) { return true }
        print("SKIPPED: no real Kafka at \(command.path): set ORDERRELAY_SHARED to the folder that holds kafka/kafka")
        let environment = ProcessInfo.processInfo.environment
        precondition(
            environment["ORDERRELAY_CI"] == nil || environment["ALLOW_SKIP"] == "1",
            "tests on real Kafka must not be skipped here; ALLOW_SKIP=1 permits it")
        return false
    }()

    private static let command: URL = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = ProcessInfo.processInfo.environment["ORDERRELAY_SHARED"].map { URL(filePath: $0) }
        return (folder ?? root.appending(path: "../shared")).standardizedFileURL.appending(path: "kafka/kafka")
    }()

    let bootstrapServers: String
    let folder: URL
    let environment: [String: String]

    /// - Parameters:
    ///   - brokers: 1 or 3.
    ///   - options: further lines of the brokers' properties, separated by `;`.
    init(brokers: Int, options: String = "") throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "orderrelay-kafka-\(UUID().uuidString.prefix(8))")
        environment = ProcessInfo.processInfo.environment.merging(
            ["KAFKA_DIR": folder.path, "KAFKA_PORT": "auto", "KAFKA_OPTS_EXTRA": options]) { _, own in own }
        let output = try Self.run(["start", String(brokers)], environment)
        bootstrapServers = output.split(separator: "\n").last.map(String.init) ?? ""
        Self.wipeAtExit(folder)
    }

    /// Calls the toolbox's command: `kill 1`, `restart 1`, `freeze 1`, `topics --describe` …
    @discardableResult
    func call(_ arguments: String...) throws -> String { try Self.run(arguments, environment) }

    /// Stops the brokers and deletes their data.
    func wipe() { _ = try? Self.run(["wipe"], environment) }

    /// Not by Foundation's `Process`: it takes a child for running as long as anything holds the descriptors that it
    /// inherited, and the brokers, which the command leaves running, do.
    static func run(_ arguments: [String], _ environment: [String: String]) throws -> String {
        let output = FileManager.default.temporaryDirectory.appending(path: "orderrelay-kafka-\(UUID().uuidString).out")
        defer { try? FileManager.default.removeItem(at: output) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // The thread's signal mask would be inherited, and with it brokers that cannot be asked to end.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = ([command.path] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var child = pid_t()
        guard posix_spawn(&child, command.path, &actions, &attributes, &words, &variables) == 0 else {
            throw KafkaFailure("\(command.path) cannot be started")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let text = try String(contentsOf: output, encoding: .utf8)
        guard status == 0 else { throw KafkaFailure("kafka \(arguments.joined(separator: " ")): \(text)") }
        return text
    }

    // MARK: At the end

    private static let folders = Mutex<[URL]>([])

    private static func wipeAtExit(_ folder: URL) {
        let isFirst = folders.withLock { folders in
            folders.append(folder)
            return folders.count == 1
        }
        guard isFirst else { return }
        atexit {
            for folder in RealKafka.folders.withLock({ $0 }) {
                _ = try? RealKafka.run(
                    ["wipe"], ProcessInfo.processInfo.environment.merging(["KAFKA_DIR": folder.path]) { _, own in own })
            }
        }
    }
}

struct KafkaFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
