import Foundation

/// A real Apache Kafka of one broker on loopback, for the time of a benchmark: started by the command `kafka/kafka` in the
/// folder that `ORDERRELAY_SHARED` names.
final class BenchmarkKafka {
    let bootstrapServers: String
    private let command: String
    let folder: String

    init() {
        command = "\(ProcessInfo.processInfo.environment["ORDERRELAY_SHARED"] ?? "../shared")/kafka/kafka"
        folder = FileManager.default.temporaryDirectory.appending(path: "orderrelay-benchmark-\(getpid())").path()
        precondition(
            access(command, X_OK) == 0,
            "no real Kafka at \(command): set ORDERRELAY_SHARED to the folder that holds kafka/kafka, or give --kafka")
        let output = Self.run(command, ["start", "1"], folder: folder)
        bootstrapServers = output.split(separator: "\n").last.map(String.init) ?? ""
    }

    deinit { _ = Self.run(command, ["wipe"], folder: folder) }

    /// Not by Foundation's `Process`: it takes a child for running as long as anything holds the descriptors that it
    /// inherited, and the broker, which the command leaves running, does.
    private static func run(_ command: String, _ arguments: [String], folder: String) -> String {
        let output = "\(folder).out"
        defer { unlink(output) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let environment = ProcessInfo.processInfo.environment.merging(
            ["KAFKA_DIR": folder, "KAFKA_PORT": "auto"]) { _, own in own }
        var words: [UnsafeMutablePointer<CChar>?] = ([command] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var child = pid_t()
        precondition(posix_spawn(&child, command, &actions, nil, &words, &variables) == 0, "cannot start \(command)")
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        precondition(status == 0, "kafka \(arguments): \(text)")
        return text
    }
}
