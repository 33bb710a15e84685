/// The statements of the audit trail.
enum TrailStatements {
    static let note = """
        INSERT INTO audit(at, author, action, subject, account, was, became) VALUES (now_ms(), $1, $2, $3, $4, $5, $6)
        """

    /// The next `$8` after time `$1` and id `$2`, before `$3`; of this author, account and subject, and of actions that begin
    /// so, where one is given.
    static let page = """
        SELECT id, at, author, action, subject, account, was, became FROM audit
        WHERE (at, id) > ($1, $2) AND at < $3 AND (CAST($4 AS text) IS NULL OR author = $4)
          AND (CAST($5 AS text) IS NULL OR account = $5) AND (CAST($6 AS text) IS NULL OR subject = $6)
          AND (CAST($7 AS text) IS NULL OR substr(action, 1, length($7)) = $7)
        ORDER BY at, id LIMIT $8
        """

    /// Of the first `$1`, those before `$2`.
    static let remove = """
        DELETE FROM audit WHERE at < $2 AND id IN (SELECT a.id FROM audit AS a ORDER BY a.at, a.id LIMIT $1) RETURNING 1
        """
}
