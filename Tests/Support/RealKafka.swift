package import Foundation
import Synchronization

/// A real Apache Kafka for tests and benchmarks: brokers of their own on loopback, started once and wiped at the end.
///
/// Found through `ORDERRELAY_SHARED` (default `../shared` from the package's root). Where it is missing the tests that
/// need it are skipped, loudly; under `ORDERRELAY_CI=1` that is a failure unless `ALLOW_SKIP=1`.
package final class RealKafka: Sendable {
    /// One broker for all tests that do it no harm.
    package static let shared = try? RealKafka(brokers: 1)

    /// Whether a real Kafka can be started here; says so once where it can't.
    package static let isHere: Bool = {
        if FileManager.default.isExecutableFile(atPath: command.path) { return true }
        print("SKIPPED: no real Kafka at \(command.path): \(remedy)")
        let environment = ProcessInfo.processInfo.environment
        precondition(
            environment["ORDERRELAY_CI"] == nil || environment["ALLOW_SKIP"] == "1",
            "tests on real Kafka must not be skipped here; ALLOW_SKIP=1 permits it")
        return false
    }()

    private static let remedy = "set ORDERRELAY_SHARED to the folder that holds kafka/kafka"

    private static let command = sharedFolder.appending(path: "kafka/kafka")

    package let bootstrapServers: String
    package let folder: URL
    private let environment: [String: String]

    /// - Parameters:
    ///   - brokers: 1 or 3.
    ///   - options: further lines of the brokers' properties, separated by `;`.
    ///   - variables: of the brokers' environment.
    package init(brokers: Int, options: String = "", variables: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "orderrelay-kafka-\(UUID().uuidString.prefix(8))")
        environment = ProcessInfo.processInfo.environment.merging(
            [
                "KAFKA_DIR": folder.path, "KAFKA_PORT": String(FreePorts.takeRow(of: 2 * brokers)),
                "KAFKA_OPTS_EXTRA": options,
            ]
        ) { _, own in own }.merging(variables) { _, own in own }
        let output = try Self.run(["start", String(brokers)], environment)
        bootstrapServers = output.split(separator: "\n").last.map(String.init) ?? ""
        Self.wipeAtExit(folder)
    }

    /// Calls the toolbox's command: `kill 1`, `restart 1`, `freeze 1`, `topics --describe` …
    @discardableResult
    package func call(_ arguments: String...) throws -> String { try Self.run(arguments, environment) }

    /// As ``call(_:)``, beside which other tests go on: it takes seconds.
    package func ask(_ arguments: String...) async throws { try await ask(arguments) }

    /// The same, for a list that is put together.
    package func ask(_ arguments: [String]) async throws {
        let environment = environment
        _ = try await onThread { try Self.run(arguments, environment) }
    }

    /// Stops the brokers and deletes their data.
    package func wipe() { _ = try? Self.run(["wipe"], environment) }

    private static func run(_ arguments: [String], _ environment: [String: String]) throws -> String {
        guard FileManager.default.isExecutableFile(atPath: command.path) else {
            throw CommandFailure("no real Kafka at \(command.path): \(remedy)")
        }
        return try runCommand([command.path] + arguments, environment: environment)
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
