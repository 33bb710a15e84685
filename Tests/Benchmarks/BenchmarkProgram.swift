import Foundation

/// The product as an operator runs it: `orderrelay`, built beside the benchmarks, in a process of its own.
///
/// Its standard error goes to a file in its folder.
final class BenchmarkProgram {
    let name: String
    private let process = Process()
    private let output = Pipe()
    private let log: URL

    init(_ arguments: [String], environment: [String: String], in folder: URL) throws {
        name = arguments[0]
        log = folder.appending(path: "\(name)-\(UUID().uuidString.prefix(8)).log")
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "orderrelay")
        precondition(
            access(executable.path, X_OK) == 0,
            "no \(executable.path): build it with `swift build -c release --product orderrelay`")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment.merging(["PATH": "/usr/bin:/bin", "HOME": folder.path]) { own, _ in own }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var processID: Int32 { process.processIdentifier }

    /// Waits for its end, which must be a good one, and gives what it printed.
    func result() -> String {
        let data = ((try? output.fileHandleForReading.readToEnd()) ?? nil) ?? Data()
        process.waitUntilExit()
        precondition(process.terminationStatus == 0, "\(name): \(errors)")
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Asks it to end, and waits.
    func stop() {
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
    }

    var errors: String { String((try? String(contentsOf: log, encoding: .utf8))?.suffix(2000) ?? "") }
}
