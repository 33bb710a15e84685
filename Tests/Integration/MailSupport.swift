import Foundation
import Mail
import Support
import Testing

/// What the mail tests need from the machine; each is looked for once.
enum MailTools {
    /// The folder of the helper programs.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Support/Mail")

    /// Whether Python with aiosmtpd, and openssl, are here; says loudly what is missing.
    static let areHere: Bool = {
        let missing = [
            ("python3 with the package aiosmtpd", ["python3", "-c", "import aiosmtpd"]),
            ("openssl", ["openssl", "version"]),
        ].filter { (try? run($0.1)) == nil }.map(\.0)
        for name in missing { print("SKIPPED: the tests against real SMTP servers need \(name)") }
        return missing.isEmpty
    }()

    /// Whether exim4 is here, and may be started as its own user.
    static let exim: Bool = {
        if (try? run(["sh", "-c", "command -v exim4 && id Debian-exim"])) != nil { return true }
        print("SKIPPED: the test against exim4 needs the Debian package exim4-daemon-light")
        return false
    }()

    /// Certificates made for this run: an authority, one for localhost, one for another host.
    static let certificates: URL = {
        let folder = temporaryFolder("certificates")
        _ = try? run(["sh", Self.folder.appending(path: "make_certificates.sh").path, folder.path])
        atexit { try? FileManager.default.removeItem(at: MailTools.certificates) }
        return folder
    }()

    static func temporaryFolder(_ name: String) -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "orderrelay-mail-\(name)-\(UUID())")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Runs a program to its end; throws if it fails.
    @discardableResult
    static func run(_ words: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        let output = ownPipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ToolError(words: words, status: process.terminationStatus) }
        return data
    }

    struct ToolError: Error { let words: [String], status: Int32 }
}

/// A pipe that no other program inherits. Else every program started meanwhile would hold this one's ends open, and one
/// that waits for its input's end would live as long as they do.
private func ownPipe() -> Pipe {
    let pipe = Pipe()
    for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
        _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }
    return pipe
}

/// A helper program that serves until its standard input ends; it dies with the tests, whatever happens.
final class HelperServer: Sendable {
    /// By name; the ordinary one is `port`.
    let ports: [String: Int]
    var port: Int { ports["port"] ?? 0 }
    let folder: URL
    private let process: Process
    private let input: Pipe
    private let output: Pipe

    init(_ script: String, _ options: [String] = []) throws {
        folder = MailTools.temporaryFolder("server")
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let program = script.hasSuffix(".py") ? "python3" : "sh"
        process.arguments = [program, MailTools.folder.appending(path: script).path, folder.path] + options
        input = ownPipe()
        output = ownPipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        ports = try JSONDecoder().decode([String: Int].self, from: Self.line(from: output))
    }

    static func started(_ script: String, _ options: [String] = []) async throws -> HelperServer {
        try await onThread { try HelperServer(script, options) }
    }

    /// The next line that the program prints; waits for it.
    func nextLine() async throws -> String {
        try await onThread { [output] in String(decoding: try Self.line(from: output), as: UTF8.self) }
    }

    private static func line(from output: Pipe) throws -> Data {
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data([10]) { line += byte }
        return line
    }

    /// Messages that the server has kept, by number from 1.
    func mails(_ numbers: ClosedRange<Int>) async throws -> [ReadMail] {
        try await ReadMail.reading(numbers.map { folder.appending(path: "\($0).eml") })
    }

    /// Ends the program.
    func stop() {
        process.terminate()
        try? input.fileHandleForWriting.close()
    }

    deinit {
        if process.isRunning { process.terminate() }
        try? FileManager.default.removeItem(at: folder)
    }
}

/// A message as Python's `email` package reads it.
struct ReadMail: Decodable {
    struct Person: Decodable, Equatable { var name: String, address: String }
    var from: Person
    var to: Person
    var subject: String
    var messageID: String
    var date: String
    var autoSubmitted: String
    var mimeVersion: String
    var type: String
    var text: String
    var html: String?
    var defects: [String]
    var longestLine: Int
    var bareEnds: Int
    var isASCII: Bool

    static func reading(_ files: [URL]) async throws -> [ReadMail] {
        let words = ["python3", MailTools.folder.appending(path: "read_mail.py").path] + files.map(\.path)
        return try await onThread { try JSONDecoder().decode([ReadMail].self, from: MailTools.run(words)) }
    }
}

/// What the server received around a message.
struct ReadEnvelope: Decodable {
    var from: String
    var to: [String]
    var tls: Bool
    var authenticated: Bool
    var hello: String

    init(at file: URL) throws { self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file)) }
}

func sampleMessage(to address: String = "olena@example.com", id: String = "a.1@shop.example") -> MailMessage {
    MailMessage(
        from: MailAddress(name: "Крамниця", address: "shop@shop.example"),
        to: MailAddress(name: "Олена", address: address),
        subject: "Замовлення 🌻", text: "Дякуємо!\n", html: "<p>Дякуємо!</p>\n", messageID: id, date: 1_764_000_000_000)
}
