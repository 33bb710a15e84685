extension Schema {
    /// Who changed what. `was` and `became` are JSON objects of strings, without secrets and without a person's data.
    static func trail(_ words: SchemaWords) -> [String] {
        let text = words.text
        return [
            """
            CREATE TABLE audit (id \(words.numbered), at BIGINT NOT NULL, author \(text) NOT NULL, action \(text) NOT NULL,
              subject \(text) NOT NULL, account \(text), was \(text) NOT NULL, became \(text) NOT NULL)
            """,
            "CREATE INDEX audit_by_time ON audit(at, id)",
            // NULL: for ever.
            "ALTER TABLE retention ADD COLUMN audit_days BIGINT DEFAULT \(Retention.auditDaysStandard)",
        ]
    }
}
