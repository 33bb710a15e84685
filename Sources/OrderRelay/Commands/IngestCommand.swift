import Configuration

/// `ingest`: the HTTP API.
enum IngestCommand {
    static func run(_ base: Base) async throws {
        try await base.serve { assembly in
            let (before, ingest) = try assembly.ingest(listen: try base.environment.text(Settings.httpListen)!)
            return [before, [ingest]]
        }
    }
}
