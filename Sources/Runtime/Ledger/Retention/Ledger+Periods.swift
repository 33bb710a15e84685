import Database
import Synchronization

extension Ledger {
    /// Those that have partitions, in order; none on SQLite.
    func periods() async throws(LedgerError) -> [Period] {
        do throws(DatabaseError) { return try await knownPeriods() } catch { throw LedgerError(error) }
    }

    private func knownPeriods() async throws(DatabaseError) -> [Period] {
        try await database.read(Statement(PeriodStatements.periods)).compactMap { row in
            guard row.count == 3, let name = row[0].text, let to = row[2].integer else { return nil }
            return Period(name: name, from: row[1].integer, to: to)
        }
    }

    /// Makes the partitions that are missing ahead.
    func makePeriods(_ retention: Retention, now: Int64) async throws(LedgerError) {
        do throws(DatabaseError) {
            try await make(retention, now: now)
        } catch { throw Self.periodError(error) }
    }

    /// Each in a transaction, so that it has all its tables or none.
    private func make(_ retention: Retention, now: Int64) async throws(DatabaseError) {
        var periods = try await knownPeriods()
        for period in Periods.missing(after: periods, retention, now: now) {
            guard let last = periods.last else { return }
            let note = Statement(
                PeriodStatements.note, [.text(period.name), .integer(orNull: period.from), .integer(period.to)],
                mustChange: 1)
            do throws(DatabaseError) {
                _ = try await database.transaction([note] + PeriodStatements.make(period, after: last))
            } catch  where error.code == .fence {
                // Another process has made it meanwhile.
            }
            periods.append(period)
        }
    }

    /// Makes partitions for a row that has found none: nobody has for a long time.
    ///
    /// - Returns: whether there are partitions at all.
    func makeLatePeriods() async throws(DatabaseError) -> Bool {
        latePeriods.wrappingAdd(1, ordering: .relaxed)
        guard let row = try await database.read(Statement(RetentionStatements.setting)).first, row.count == 4,
            let days = row[0].integer, let now = row[3].integer,
            let retention = Retention(days: Int(days), ordersDays: nil)
        else { return false }
        try await make(retention, now: now)
        return true
    }

    /// How often a row had no partition to lie in when it was written, in this process: it should never be.
    public var latePartitions: Int64 { latePeriods.load(ordering: .relaxed) }

    /// Statements that no transaction may hold.
    func runAlone(_ texts: [String]) async throws(LedgerError) {
        do throws(DatabaseError) { try await database.runAlone(texts) } catch { throw Self.periodError(error) }
    }

    /// Says who may, where this process may not.
    private static func periodError(_ error: DatabaseError) -> LedgerError {
        guard error.code == .denied, error.nativeCode != nil else { return LedgerError(error) }
        return LedgerError(
            .other,
            "ledger: \(error.message); partitions are made and dropped by the tables' owner: run `orderrelay prune` as that role once a day"
        )
    }
}
