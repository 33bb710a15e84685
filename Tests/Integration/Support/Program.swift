import Foundation
import Synchronization

/// The program under test as a process of its own: `orderrelay` from the same build as the tests.
///
/// Its standard error goes to a file, which the tests search; its standard output is read by line.
final class Program: Sendable {
    /// Where the build put the executables.
    static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    let log: URL
    let processID: Int32
    private let process: Mutex<Process>
    private let output: FileHandle
    private let ended = Exit()

    /// Starts `orderrelay` with these arguments, and no environment but `PATH`, `HOME` and these variables.
    ///
    /// - Parameter executable: another one of the build.
    init(
        _ arguments: [String], environment: [String: String] = [:], in folder: URL, executable: String = "orderrelay"
    ) throws {
        log = folder.appendingPathComponent("\(arguments.first ?? "orderrelay")-\(UUID().uuidString.prefix(8)).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let process = Process()
        process.executableURL = Self.folder.appendingPathComponent(executable)
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
    func line() async -> String? {
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
    func rest() async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [output] in
                let data = ((try? output.readToEnd()) ?? nil) ?? Data()
                continuation.resume(returning: String(decoding: data, as: UTF8.self))
            }
        }
    }

    func signal(_ number: Int32) {
        process.withLock { process in
            if process.isRunning { kill(process.processIdentifier, number) }
        }
    }

    /// The exit status; that of a process killed by a signal is the signal's number.
    func status() async -> Int32 { await ended.status() }

    /// Asks it to end, and waits.
    func stop() async -> Int32 {
        signal(SIGTERM)
        return await status()
    }

    var errors: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }
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
