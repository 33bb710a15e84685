import Configuration
import Ingest

/// `ingest`: the HTTP API.
enum IngestCommand {
    static func run(_ base: Base) async throws {
        let listen = try base.environment.text(Settings.httpListen)!
        let proxies = try TrustedProxies(base.environment)
        try await base.serve { assembly in
            let (before, ingest) = try assembly.ingest(listen: listen, trusting: proxies)
            return [before, [ingest]]
        }
    }
}
