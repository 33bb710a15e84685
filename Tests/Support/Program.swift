package import Foundation
import Synchronization

/// The program under test as a process of its own: `orderrelay` from the same build as the tests.
///
/// Its standard error goes to a file, which the tests search; its standard output is read by line.
package final class Program: Sendable {
    /// Where the build put the executables.
    package static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    package let log: URL
    package let processID: Int32
    private let process: Mutex<Process>
    private let output: FileHandle
    private let ended = Exit()

    /// Starts `orderrelay` with these arguments, and no environment but `PATH`, `HOME` and these variables.
    ///
    /// - Parameter executable: another one of the build.
    package init(
        _ arguments: [String], environment: [String: String] = [:], in folder: URL, executable: String = "orderrelay"
    ) throws {
        log = folder.appendingPathComponent("\(arguments.first ?? "orderrelay")-\(UUID().uuidString.prefix(8)).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let process = Process()
        let file = Self.folder.appendingPathComponent(executable)
        guard access(file.path, X_OK) == 0 else {
            throw ProgramFailure("no \(file.path): build it with `swift build`, as what started it was built")
        }
        process.executableURL = file
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment.merging(["PATH": "/usr/bin:/bin", "HOME": folder.path]) { own, _ in own }
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        output = pipe.fileHandleForReading
        process.standardOutput = pipe
        process.standardError = try FileHandle(forWritingTo: log)
        process.terminationHandler = { [ended] in ended.note($0.terminationStatus) }
        try process.run()
        processID = process.processIdentifier
        self.process = Mutex(process)
    }

    deinit { signal(SIGKILL) }

    /// The next line of standard output; nil at its end.
    package func line() async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [output] in
                var bytes: [UInt8] = []
                while let byte = try? output.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
                    bytes.append(byte)
                }
                continuation.resume(returning: bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    /// Everything that is left of standard output, once the process has ended.
    package func rest() async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [output] in
                let data = ((try? output.readToEnd()) ?? nil) ?? Data()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
    }

    package func signal(_ number: Int32) {
        process.withLock { process in
            if process.isRunning { kill(process.processIdentifier, number) }
        }
    }

    /// The exit status; that of a process killed by a signal is the signal's number.
    package func status() async -> Int32 { await ended.status() }

    /// Asks it to end, and waits.
    package func stop() async -> Int32 {
        signal(SIGTERM)
        return await status()
    }

    package var errors: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Runs a command to its end, which must be a good one; what it printed, without the last line's end.
    package static func output(
        of arguments: [String], environment: [String: String], in folder: URL
    ) async throws -> String {
        let program = try Program(arguments, environment: environment, in: folder)
        let output = await program.rest()
        let status = await program.status()
        guard status == 0 else { throw ProgramFailure("\(arguments) ended with \(status): \(program.errors)") }
        return output.trimmingCharacters(in: .newlines)
    }
}

package struct ProgramFailure: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// A process's end, for those who wait.
private final class Exit: Sendable {
    private let state = Mutex<(status: Int32?, waiting: [CheckedContinuation<Int32, Never>])>((nil, []))

    func note(_ status: Int32) {
        let waiting = state.withLock { state in
            state.status = status
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.resume(returning: status) }
    }

    func status() async -> Int32 {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
