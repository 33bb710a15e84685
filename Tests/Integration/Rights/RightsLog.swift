import Foundation
import Kafka

/// What a broker's authorizer says of each thing that it allows or denies.
final class RightsLog: Sendable {
    struct Entry: Hashable, CustomStringConvertible {
        var principal: String
        var isAllowed: Bool
        var operation: String
        var resource: String
        var request: String

        var description: String {
            "\(principal) \(isAllowed ? "allowed" : "denied") \(operation) on \(resource) for \(request)"
        }
    }

    private let file: URL
    /// The option of the Java machine that has it written.
    let option: String

    init(in folder: URL) throws {
        file = folder.appending(path: "rights.log")
        let settings = folder.appending(path: "log4j2.properties")
        option = "-Dlog4j2.configurationFile=file:\(settings.path)"
        try Data(
            """
            status = error
            appender.out.type = Console
            appender.out.name = out
            appender.out.layout.type = PatternLayout
            appender.out.layout.pattern = %d{ISO8601} %p %c{1} - %m%n
            appender.rights.type = File
            appender.rights.name = rights
            appender.rights.fileName = \(file.path)
            appender.rights.layout.type = PatternLayout
            appender.rights.layout.pattern = %m%n
            rootLogger.level = warn
            rootLogger.appenderRef.out.ref = out
            logger.server.name = kafka.server.KafkaRaftServer
            logger.server.level = info
            logger.rights.name = kafka.authorizer.logger
            logger.rights.level = debug
            logger.rights.additivity = false
            logger.rights.appenderRef.rights.ref = rights

            """.utf8
        ).write(to: settings)
    }

    /// Where it ends now: later entries are behind.
    func end() throws -> UInt64 {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        return try handle.seekToEnd()
    }

    /// Everything since `start`, each once.
    func entries(since start: UInt64 = 0) throws -> Set<Entry> {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        try handle.seek(toOffset: start)
        let text = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        // Most lines are repeated hundreds of times.
        return Set(Set(text.split(separator: "\n")).compactMap(Self.entry))
    }

    private static func entry(_ line: Substring) -> Entry? {
        let pattern =
            /Principal = (\S+) is (Allowed|Denied) operation = (\w+) from host = \S+ on resource = (\w+):LITERAL:(\S+) for request = (\w+)/
        guard let match = line.firstMatch(of: pattern) else { return nil }
        return Entry(
            principal: String(match.1), isAllowed: match.2 == "Allowed", operation: String(match.3),
            resource: "\(match.4.lowercased()) \(match.5)", request: String(match.6))
    }

    /// Whether a principal has made use of a right since `start`: what includes it does not count.
    func hasUsed(_ right: AccessRight, _ principal: String, since start: UInt64 = 0) throws -> Bool {
        try entries(since: start).contains { $0.isUse(of: right, by: principal) }
    }
}

extension RightsLog.Entry {
    func isUse(of right: AccessRight, by principal: String) -> Bool {
        // DESCRIBE_CONFIGS is DescribeConfigs.
        isAllowed && self.principal == principal
            && operation.replacing("_", with: "") == right.operation.rawValue.uppercased()
            && resource == "\(right.resource.kind) \(right.resource.name)"
    }
}
