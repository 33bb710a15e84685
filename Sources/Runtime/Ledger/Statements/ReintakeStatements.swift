/// The statements by which a restored ledger forgets what was under way when its backup was made. Each changes a bounded
/// number of rows, and is repeated until it changes none.
enum ReintakeStatements {
    /// More rows than this in one transaction would hold them for too long.
    static let rowsMaximum = 5_000

    /// Takes leases away, whoever holds them: what came of them this ledger does not know.
    static let takeLeasesAway = """
        UPDATE deliveries SET state = 'pending', lease_owner = NULL, lease_until = NULL, outcome_unknown = 1,
          next_attempt_at = now_ms(), changed_at = now_ms()
        WHERE id IN (SELECT d.id FROM deliveries AS d WHERE d.worker = $1 AND d.state = 'in_flight'
          ORDER BY d.lease_until LIMIT \(rowsMaximum)) RETURNING id
        """

    /// Has rows wait for a person.
    static let park = """
        UPDATE deliveries SET state = 'parked', reason = $2, changed_at = now_ms()
        WHERE id IN (SELECT d.id FROM deliveries AS d WHERE d.worker = $1 AND d.state = 'pending' LIMIT \(rowsMaximum))
        RETURNING id
        """

    /// Has every row that may be taken looked at before it is repeated.
    static let doubt = """
        UPDATE deliveries SET outcome_unknown = 1
        WHERE id IN (SELECT d.id FROM deliveries AS d WHERE d.worker = $1 AND d.state = 'pending'
          AND d.outcome_unknown = 0 LIMIT \(rowsMaximum)) RETURNING id
        """

    static let repeatUntil = """
        UPDATE positions SET repeats_until = $1 WHERE worker = $2 AND cluster = $3 AND topic = $4 AND part = $5
        """
}
