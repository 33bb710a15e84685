public import Assembly
import CommandLine
import Ledger
import Lifecycle
import Orders
import Telemetry

extension ConfirmationsWorker {
    /// QUIT's answer is awaited for a second; a server that hangs is left.
    private static let closeTimeout: Duration = .seconds(2)

    public static let declaration = ProcessDeclaration(
        Command("confirmations", "worker: confirms orders to their buyers by e-mail"),
        settings: ConfirmationsSettings.all, worker: ConfirmationsPlanner.declaration, ledger: .writes,
        isPartOfDev: true,
        examination: { await MailExamination.findings($0.environment) },
        services: { surroundings in
            let parts = ConfirmationsWorker(
                try ConfirmationsSettings(surroundings.environment),
                account: { [ledger = surroundings.ledger] in try await ledger.account($0) },
                now: { Timestamp(milliseconds: WallClock.milliseconds()) })
            let worker = try surroundings.worker(parts.planner) { parts.adapter(for: $0) }
            // The connections to the mail server end with a QUIT each, once nothing sends any more.
            return [
                [ClosingAfterwards(worker) { await parts.close(timeout: max(.zero, min(closeTimeout, $0 - .now))) }]
            ]
        })
}
