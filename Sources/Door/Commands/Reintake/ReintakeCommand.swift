import CommandLine
import Intake
import Kafka
import Ledger

/// `reintake`: an operator's decision when the ledger and the log no longer fit together (DESIGN §6, *Getting well again*).
enum ReintakeCommand {
    static let timeout: Duration = .seconds(15)

    static let action = Action(
        changing: Command(
            "reintake",
            options: [
                Option("accept-loss", "books records as lost that were deleted before a worker had read them"),
                Option("worker", value: "NAME", "with --accept-loss: of this worker only"),
                Option("partition", value: "TOPIC/N", "with --accept-loss: of this partition only"),
                Option("restored", "the ledger was restored, though nothing on Kafka shows it"),
            ],
            "makes a ledger fit that was restored from a backup, or has workers go on that lost records")
    ) { base, invocation in
        try await run(base, invocation)
    }

    private static func run(_ base: Base, _ invocation: Invocation) async throws {
        let choice = try AcceptedLoss.Choice(worker: invocation.value("worker"), place: invocation.value("partition"))
        let isLoss = invocation.isSet("accept-loss")
        if isLoss, invocation.isSet("restored") {
            throw WrongUse("--accept-loss and --restored are two things: reintake a restored ledger first")
        }
        if !isLoss, choice.worker != nil || choice.place != nil {
            throw WrongUse("--worker and --partition go with --accept-loss: a restored ledger is all workers'")
        }
        let author = try invocation.author()
        try await base.withAdmin { admin in
            try await base.withLedger { ledger in
                if isLoss { return try await AcceptedLoss(ledger: ledger, admin: admin, author: author).book(choice) }
                try await RestoredLedger(ledger: ledger, admin: admin, author: author).reintake(
                    isRestored: invocation.isSet("restored"))
            }
        }
    }
}
