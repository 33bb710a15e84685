import Foundation
import Kafka
import Support

/// A real Kafka as `deploy/compose.secure.yml` has it: the settings of the broker and of its clients are read from that file, and
/// certificate, users and passwords are made by `deploy/secrets kafka`. What it allows and denies to whom is in ``log``.
final class SecureKafka: Sendable {
    let kafka: RealKafka
    let log: RightsLog
    private let folder: URL
    private let clients: [String: String]

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    init() throws {
        let folder = MailTools.temporaryFolder("rights")
        self.folder = folder
        let deploy = folder.appending(path: "deploy")
        try FileManager.default.createDirectory(at: deploy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: Self.root.appending(path: "deploy/secrets"), to: deploy.appending(path: "secrets"))
        try MailTools.run([deploy.appending(path: "secrets").path, "kafka"])

        let compose = try String(
            contentsOf: Self.root.appending(path: "deploy/compose.secure.yml"), encoding: .utf8)
        func settings(_ name: String) -> [String: String] {
            Self.settings(name, in: compose).mapValues {
                $0.replacing("/run/secrets", with: folder.appending(path: "secrets").path)
            }
        }
        clients = settings("client")
        var broker = settings("broker")
        log = try RightsLog(in: folder)
        // What the command line sets is overruled by this variable alone.
        let options = [broker.removeValue(forKey: "KAFKA_OPTS")!, log.option].joined(separator: " ")
        // As the image has it: KAFKA_NODE_ID is node.id. The semicolon, which separates lines here, is written by its number.
        let lines = broker.map { name, value in
            let property = name.dropFirst("KAFKA_".count).lowercased().replacing("_", with: ".")
            return "\(property)=\(value.replacing(";", with: #"\u003B"#))"
        }
        kafka = try RealKafka(
            brokers: 1, options: lines.sorted().joined(separator: ";"), variables: ["_JAVA_OPTIONS": options])
    }

    /// The variables of one block of the file, as `x-client`.
    private static func settings(_ name: String, in compose: String) -> [String: String] {
        guard let start = compose.firstRange(of: "x-\(name): &\(name)\n") else { return [:] }
        var settings: [String: String] = [:]
        for line in compose[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("  ") else { break }
            guard let match = line.wholeMatch(of: /\s\s([A-Z_]+): (.*)/) else { continue }
            settings[String(match.1)] = match.2.trimmingCharacters(in: ["\""])
        }
        return settings
    }

    /// What a process gets to be this user: `admin`, or a name that `orderrelay acl list` shows.
    func environment(of user: String) -> [String: String] {
        clients.merging([
            "KAFKA_SASL_USERNAME": user == "admin" ? user : "orderrelay-\(user)",
            "KAFKA_SASL_PASSWORD_FILE": folder.appending(path: "secrets/kafka-password-\(user)").path,
        ]) { $1 }
    }

    /// The same for a client in this process.
    func properties(of user: String) throws -> ClientProperties {
        var values = ["bootstrap.servers": kafka.bootstrapServers]
        for (name, value) in environment(of: user) {
            let isFile = name.hasSuffix("_FILE")
            let property = name.dropFirst("KAFKA_".count).lowercased().replacing("_", with: ".")
            values[isFile ? String(property.dropLast(".file".count)) : property] =
                isFile ? try String(contentsOfFile: value, encoding: .utf8) : value
        }
        return ClientProperties(values)
    }

    func wipe() {
        kafka.wipe()
        try? FileManager.default.removeItem(at: folder)
    }
}
