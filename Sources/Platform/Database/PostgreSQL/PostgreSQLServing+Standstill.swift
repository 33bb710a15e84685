import Primitives

extension PostgreSQLServing {
    /// How long a session of this role's may stand in mid-pipeline before others that wait for its locks end it: less than
    /// they wait for a lock.
    private static let standstillSeconds = 8

    /// A process that stops while it sends a transaction keeps the locks that this has taken so far. No time limit of the
    /// server's runs before it has been sent whole, and the process's system goes on to acknowledge keepalives.
    private static let endStandstills = Statement(
        """
        SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity AS a
        WHERE a.datname = current_database() AND a.usename = current_user AND a.pid <> pg_backend_pid()
          AND a.application_name LIKE 'orderrelay/%' AND a.state = 'active' AND a.wait_event = 'ClientRead'
          AND a.xact_start IS NOT NULL
          AND statement_timestamp() - a.query_start > interval '\(standstillSeconds) s'
        """)

    /// Ends this role's sessions that stand still in mid-pipeline: called when a lock was waited for in vain.
    func endStandstills(_ isLost: inout Bool) {
        var none = PreparedStatements(isPreparing: false)
        // What comes of it shows when the lock is asked for again.
        _ = runPlain(Self.endStandstills, &none, MachineClock.monotonic.milliseconds + patience.read, &isLost)
    }

    /// One statement that is no transaction of ours.
    func runPlain(
        _ statement: Statement, _ prepared: inout PreparedStatements, _ deadline: Int64, _ isLost: inout Bool
    ) -> Result<[[Row]], DatabaseError> {
        var script = PipelineScript(prepared)
        do throws(DatabaseError) { try script.addPlain([statement], &prepared) } catch { return .failure(error) }
        let pipeline = connection.perform(script, deadline: deadline) { _, _ in statement.excerpt }
        prepared.note(pipeline)
        let result = pipeline.endings[0]
        if case .failure(let failure) = result, failure.remedy == .reconnect { isLost = true }
        isLost = isLost || pipeline.isLost
        return result.mapError(\.error)
    }
}
