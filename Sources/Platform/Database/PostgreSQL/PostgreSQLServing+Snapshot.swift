import Primitives

extension PostgreSQLServing {
    /// Counting whole tables takes as long as reading them.
    private static let snapshotMinutes: Int64 = 10

    /// Runs statements that read in one transaction that sees one instant, on a connection of their own. Blocks.
    static func snapshot(
        _ statements: [Statement], at address: PostgreSQLAddress, _ options: PostgreSQLOptions
    ) throws(DatabaseError) -> [[Row]] {
        let connection = try PostgreSQLConnection.connect(
            to: address, as: options.name, line: .reading, isPooled: options.isPooled)
        defer { connection.close() }
        var prepared = PreparedStatements(isPreparing: false)
        var script = PipelineScript(prepared)
        try script.addTransaction(
            statements, &prepared,
            settings: [SessionSettings.Setting(name: "statement_timeout", value: "\(snapshotMinutes)min")],
            isSnapshot: true)
        let deadline = MachineClock.monotonic.milliseconds + (snapshotMinutes + 1) * 60_000
        let pipeline = connection.perform(script, isReading: true, deadline: deadline) { statements[$1].excerpt }
        return try pipeline.endings[0].mapError(\.error).get()
    }
}
