import Configuration
import Ingest

/// `ingest`: the HTTP API.
enum IngestCommand {
    static func run(_ base: Base) async throws {
        let listen = try base.environment.text(Settings.httpListen)!
        let threads = try threads(base.environment)
        let proxies = try TrustedProxies(base.environment)
        try await base.serve { assembly in
            let (before, ingest) = try assembly.ingest(listen: listen, threads: threads, trusting: proxies)
            return [before, [ingest]]
        }
    }

    static func threads(_ environment: Environment) throws(ConfigurationError) -> Int {
        let given = try environment.value(Settings.httpThreads, expected: "a number from 1 to 64") { text in
            Int(text).flatMap { 1...64 ~= $0 ? $0 : nil }
        }
        return given ?? IngestProcess.usualThreads
    }
}
