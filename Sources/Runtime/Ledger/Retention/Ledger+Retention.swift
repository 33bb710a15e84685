import Database
public import Orders

extension Ledger {
    /// How long this ledger keeps what it has done with.
    public func retention() async throws(LedgerError) -> Retention { try await retentionNow().retention }

    /// What was taken in before this time may have been removed.
    public func keptSince() async throws(LedgerError) -> Timestamp {
        let (retention, now) = try await retentionNow()
        return Timestamp(milliseconds: max(0, now - Int64(retention.days) * Periods.day))
    }

    /// Sets it for all processes; the next prune goes by it.
    ///
    /// - Throws: ``LedgerError/Code/fenced`` where another program sets it at the same time.
    public func setRetention(_ retention: Retention, by author: Author) async throws(LedgerError) {
        let before = try await self.retention()
        let note = TrailNote(
            .retentionSet, "ledger", from: Trailed.members(before), to: Trailed.members(retention))
        do throws(DatabaseError) {
            _ = try await database.transaction([
                Statement(
                    RetentionStatements.set,
                    [
                        .integer(Int64(retention.days)), .integer(orNull: retention.ordersDays.map(Int64.init)),
                        .integer(orNull: retention.auditDays.map(Int64.init)), .integer(Int64(before.days)),
                        .integer(Int64(before.ordersDays ?? 0)), .integer(Int64(before.auditDays ?? 0)),
                    ], mustChange: 1),
                note.statement(by: author),
            ])
        } catch {
            guard error.code == .fence else { throw LedgerError(error) }
            throw LedgerError(.fenced, "the retention: another program has set it meanwhile: look at it, and try again")
        }
    }

    /// With the ledger's time.
    func retentionNow() async throws(LedgerError) -> (retention: Retention, now: Int64) {
        guard let row = try await read(RetentionStatements.setting).first else { throw .unreadable("the retention") }
        var reader = RowReader(row, "the retention")
        let days = Int(try reader.integer())
        let ordersDays = try reader.integerOrNull().map(Int.init)
        let auditDays = try reader.integerOrNull().map(Int.init)
        guard let retention = Retention(days: days, ordersDays: ordersDays, auditDays: auditDays) else {
            throw reader.unreadable
        }
        return (retention, try reader.integer())
    }

    /// Removes what is older than the retention, in small transactions after each of which the books balance.
    ///
    /// One process does it at a time. What is left when it ends early is removed the next time.
    ///
    /// - Parameters:
    ///   - owner: the process's.
    ///   - author: who asks for it; nil: it is the process's own chore, which the trail does not record.
    ///   - progress: called after each step over deliveries and events, with how many of them it has passed, and of how many;
    ///     nil: nobody is to be told.
    ///   - pause: waits; false where it was told to end meanwhile.
    /// - Returns: nil where another process does it now.
    public func prune(
        owner: String, by author: Author? = nil,
        progress: (@Sendable (_ done: Int64, _ total: Int64) -> Void)? = nil,
        pause: @escaping @Sendable (Duration) async -> Bool
    ) async throws(LedgerError) -> PruneReport? {
        let (retention, now) = try await retentionNow()
        var prune = Prune(
            self, owner: owner, by: author, retention: retention, now: now, watch: progress.map(PruneProgress.init),
            pause: pause)
        return try await prune.run()
    }
}
