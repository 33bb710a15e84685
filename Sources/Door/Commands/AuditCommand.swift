import Books
import CommandLine

/// `audit`: checks the books (DESIGN §6) with the topics and the ledger; nothing may be unaccounted for.
enum AuditCommand {
    static let action = Action(
        Command(
            "audit",
            options: [
                Option("sums", "compares positions and counters only, and reads no record"),
                Option("limit", "recounts the rate limit from its topic instead: admissions above the limit must be 0"),
            ],
            "checks the books: that every record and every delivery is accounted for")
    ) { base, invocation in
        let isSums = invocation.isSet("sums")
        guard invocation.isSet("limit") else { return try await run(base, readsRecords: !isSums) }
        if isSums { throw WrongUse("--sums and --limit exclude each other: the limit is recounted from its records") }
        try await LimitAuditCommand.run(base)
    }

    private static func run(_ base: Base, readsRecords: Bool) async throws {
        try await base.withLedger { ledger in
            var line = ProgressLine("audit", unit: "records", log: base.log)
            defer { line.end() }
            let report = try await Audit(ledger, base.kafka, workers: Processes.workers)
                .run(readsRecords: readsRecords) { line.tell($0.done, of: $0.total) }
            line.end()
            for row in AuditLines.lines(of: report) { StandardOutput.write(row) }
            let unaccounted = report.unaccounted
            if unaccounted != 0 { throw Failure("the books do not balance: \(unaccounted) unaccounted for") }
        }
    }
}
