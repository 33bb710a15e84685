import Foundation
import Support

/// A server of the distribution's, which ends with this process, however that ends.
final class KeptServer: Sendable {
    private let log: String
    private let lifeline: Shared<Int32?>

    /// - Parameters:
    ///   - words: the program and its arguments.
    ///   - log: the file that has what it says.
    init(_ words: [String], log: String) throws {
        self.log = log
        let command = words.map { "'\($0)'" }.joined(separator: " ")
        lifeline = Shared(
            try startKeeperProcess("kill -TERM $!; wait $!", beginning: "\(command) </dev/null >'\(log)' 2>&1 &"))
    }

    /// What it has said.
    var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Asks it to end.
    func stop() {
        let descriptor = lifeline.change { lifeline in
            defer { lifeline = nil }
            return lifeline
        }
        if let descriptor { close(descriptor) }
    }

    deinit { stop() }
}
