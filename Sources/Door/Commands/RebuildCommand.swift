import Analytics
import CommandLine
import Ledger
import Telemetry

/// `rebuild`: counts the statistics again from the events, and says what differs.
enum RebuildCommand {
    static let action = Action(
        changing: Command(
            "rebuild", options: [Option("apply", "corrects the statistics by what was counted")],
            "counts the statistics again from all events, and compares; workers may run")
    ) { base, invocation in
        try await base.withLedger { ledger in
            let rebuild = Rebuild(ledger, owner: base.processID)
            do {
                try await run(rebuild, author: invocation.isSet("apply") ? invocation.author() : nil, base.log)
            } catch {
                try? await rebuild.end()
                throw error
            }
            try await rebuild.end()
        }
    }

    /// - Parameter author: who has it applied; nil: it is not to be.
    private static func run(_ rebuild: Rebuild, author: Author?, _ log: Log) async throws {
        let recount: Recount
        var line = ProgressLine("rebuild", unit: "events", log: log)
        defer { line.end() }
        do {
            recount = try await rebuild.count { line.tell($0, of: $1) }
        } catch let error as Rebuild.Incomplete { throw Failure("\(error)") }
        line.end()
        StandardOutput.write("events counted\t\(recount.events)")
        StandardOutput.write("buckets that differ\t\(recount.buckets)")
        StandardOutput.write("buyers that differ\t\(recount.buyers)")
        if let first = recount.firstDifference { StandardOutput.write("the first difference\t\(first)") }
        guard !recount.isEqual else { return }
        guard let author else {
            throw Failure("the statistics are not what the events come to: `orderrelay rebuild --apply` corrects them")
        }
        try await rebuild.apply(recount, by: author)
        StandardOutput.write("corrected")
    }
}
