import Database

/// One run of a prune: step by step, paced by how long the last step took, for as long as this process has the lease.
struct Prune {
    /// What a step has done: how many rows it removed, and whether nothing is left for a further one.
    typealias Step = (removed: Int64, isLast: Bool)

    private static let minute: Int64 = 60 * 1000
    static let leaseLength = Duration.seconds(60)

    let ledger: Ledger
    private let owner: String
    private let author: Author?
    private let retention: Retention
    private let now: Int64
    private let pause: @Sendable (Duration) async -> Bool
    var pace = PrunePace()
    /// nil: nobody watches.
    let watch: PruneProgress?
    private var leasedUntil: ContinuousClock.Instant?
    var report = PruneReport()

    /// - Parameter now: the ledger's time.
    init(
        _ ledger: Ledger, owner: String, by author: Author? = nil, retention: Retention, now: Int64,
        watch: PruneProgress? = nil, pause: @escaping @Sendable (Duration) async -> Bool
    ) {
        self.ledger = ledger
        self.owner = owner
        self.author = author
        self.retention = retention
        self.now = now
        self.watch = watch
        self.pause = pause
    }

    /// What is older is removed, in milliseconds since 1970.
    private func time(daysAgo days: Int) -> Int64 { now - Int64(days) * Periods.day }

    /// nil where another process has the lease from the beginning.
    mutating func run() async throws(LedgerError) -> PruneReport? {
        guard try await holdsLease() else { return nil }
        if let author { try await ledger.notePrune(retention, by: author) }
        let before = time(daysAgo: retention.days)
        try await ledger.makePeriods(retention, now: now)
        if let watch { try await measure(watch, before: before) }
        try await dropPeriods(before: before)
        let periods = try await ledger.periods()
        if let before = Periods.deleting(periods, before: before) {
            try await removeHistory(before: before)
            if !periods.isEmpty { try await bookRemovals() }
            try await removeEvents(before: before)
        }
        report.waitsForDeadLetters = try await !ledger.read(RetentionStatements.hasUncopied, [.integer(before)]).isEmpty
        try await removeFolds(before: before)
        try await removeReplays(before: before)
        if let ordersBefore = retention.ordersDays.map(time(daysAgo:)) {
            try await removeOrders(before: ordersBefore)
            try await removeBuyers(before: ordersBefore)
        }
        if let trailBefore = retention.auditDays.map(time(daysAgo:)) { try await removeTrail(before: trailBefore) }
        if let author { try await ledger.noteEnd(of: report, by: author) }
        _ = try await ledger.takeLease(RetentionStatements.lease, owner: owner, milliseconds: 0)
        return report
    }

    // MARK: Steps

    /// Repeats a step until nothing is left for it, or the run is cut short.
    ///
    /// - Parameter table: whose rows it removes; nil: it removes none.
    mutating func repeated(
        _ table: String?, _ step: (_ limit: Int) async throws(LedgerError) -> Step
    ) async throws(LedgerError) {
        while !report.isCutShort {
            guard try await holdsLease() else {
                report.isCutShort = true
                return
            }
            let began = ContinuousClock.now
            let (removed, isLast) = try await step(pace.rows)
            let rest = pace.took(ContinuousClock.now - began)
            if let table { report.removed[table, default: 0] += removed }
            if isLast { return }
            // What only reads holds nobody up.
            if removed > 0, await !pause(rest) { report.isCutShort = true }
        }
    }

    /// Prolongs the lease where half of it has gone.
    ///
    /// - Parameter length: for what takes longer than other steps.
    mutating func holdsLease(for length: Duration = Self.leaseLength) async throws(LedgerError) -> Bool {
        let now = ContinuousClock.now
        if let leasedUntil, leasedUntil - now > length / 2 { return true }
        let isHeld = try await ledger.takeLease(
            RetentionStatements.lease, owner: owner, milliseconds: length.components.seconds * 1000)
        leasedUntil = isHeld ? now + length : nil
        return isHeld
    }

    /// The rows' numbers in a statement's answer, summed up.
    func sum(_ statement: Statement) async throws(LedgerError) -> Int64 {
        var sum: Int64 = 0
        // With the intake, whose transactions nobody waits for one by one.
        for row in try await ledger.transaction([statement], urgency: .bulk)[0] {
            var reader = RowReader(row, "a count")
            sum += try reader.integer()
        }
        return sum
    }

    /// The end of a page and how many rows it has; nil where it has none.
    private func page(_ text: String, _ values: [Value]) async throws(LedgerError) -> (end: Int64, count: Int64)? {
        guard let row = try await ledger.read(text, values).first else { throw .unreadable("a page") }
        var reader = RowReader(row, "a page")
        guard let end = try reader.integerOrNull() else { return nil }
        return (end, try reader.integer())
    }

    // MARK: Tables

    private mutating func removeHistory(before: Int64) async throws(LedgerError) {
        try await removePages(of: "history", RetentionStatements.historyPage, before: before) {
            Statement(RetentionStatements.removeHistory, $0)
        }
    }

    private mutating func removeEvents(before: Int64) async throws(LedgerError) {
        try await removePages(of: "events", RetentionStatements.eventsPage, before: before) {
            Statement(RetentionStatements.removeEvents, $0)
        }
    }

    /// Along a table's key from page to page.
    ///
    /// - Parameter removing: the statement of a page; its values are the key before the page, the page's last one, and `before`.
    private mutating func removePages(
        of table: String, _ pages: String, before: Int64, _ removing: ([Value]) -> Statement
    ) async throws(LedgerError) {
        var last: Int64 = 0
        let prune = self
        try await repeated(table) { limit throws(LedgerError) in
            let limit = Int64(limit)
            guard let page = try await prune.page(pages, [.integer(last), .integer(limit), .integer(before)]) else {
                return (0, true)
            }
            let removed = try await prune.sum(removing([.integer(last), .integer(page.end), .integer(before)]))
            // The first page begins somewhere.
            prune.watch?.passes(last == 0 ? page.count : page.end - last)
            last = page.end
            return (removed, page.count < limit)
        }
    }

    private mutating func removeFolds(before: Int64) async throws(LedgerError) {
        let prune = self
        for place in try await ledger.read(RetentionStatements.positions) {
            try await repeated("folds") { limit throws(LedgerError) in
                let removed = try await prune.sum(
                    Statement(RetentionStatements.removeFolds, place + [.integer(Int64(limit)), .integer(before)]))
                return (removed, removed < Int64(limit))
            }
        }
    }

    /// With what they decided about each row.
    private mutating func removeReplays(before: Int64) async throws(LedgerError) {
        let prune = self
        for replay in try await ledger.read(RetentionStatements.oldReplays, [.integer(before)]) {
            try await repeated("replay_rows") { limit throws(LedgerError) in
                let removed = try await prune.sum(
                    Statement(RetentionStatements.removeReplayRows, replay + [.integer(Int64(limit))]))
                return (removed, removed < Int64(limit))
            }
            guard !report.isCutShort else { return }
            _ = try await ledger.transaction(RetentionStatements.removeReplay(replay[0]))
        }
    }

    private mutating func removeTrail(before: Int64) async throws(LedgerError) {
        let prune = self
        try await repeated("audit") { limit throws(LedgerError) in
            let statement = Statement(TrailStatements.remove, [.integer(Int64(limit)), .integer(before)])
            let removed = try await prune.sum(statement)
            return (removed, removed < Int64(limit))
        }
    }

    private mutating func removeOrders(before: Int64) async throws(LedgerError) {
        let prune = self
        for account in try await ledger.read(RetentionStatements.accountsOfOrders) {
            var last: Row = [.integer(.min), .text("")]
            try await repeated("orders") { limit throws(LedgerError) in
                let rows = try await prune.ledger.read(
                    RetentionStatements.ordersPage, account + [.integer(before)] + last + [.integer(Int64(limit))])
                guard let end = rows.last else { return (0, true) }
                var old: [[Value]] = []
                for row in rows {
                    var reader = RowReader(row, "an order")
                    let id = try reader.text()
                    _ = try reader.integer()
                    if try reader.integer() < before { old.append([.text(id)]) }
                }
                last = [end[1], end[0]]
                let statement = Statement(RetentionStatements.removeOrders, [.integer(before)], rows: old)
                return (try await prune.sum(statement), rows.count < limit)
            }
        }
    }

    private mutating func removeBuyers(before: Int64) async throws(LedgerError) {
        let prune = self
        for account in try await ledger.read(RetentionStatements.accountsOfBuyers) {
            try await repeated("sale_buyers") { limit throws(LedgerError) in
                let limit = Int64(limit)
                guard
                    let page = try await prune.page(
                        RetentionStatements.buyersPage, account + [.integer(before / Self.minute), .integer(limit)])
                else { return (0, true) }
                let removed = try await prune.sum(
                    Statement(RetentionStatements.removeBuyers, account + [.integer(page.end)]))
                return (removed, page.count < limit)
            }
        }
    }
}
