public import Assembly
import CommandLine
import Delivery
import Ledger

extension AnalyticsPlanner {
    /// It writes to the ledger only.
    public static let process = ProcessDeclaration(
        Command("analytics", "worker: the read model and the statistics"), worker: declaration, ledger: .writes,
        isPartOfDev: true,
        services: { surroundings in
            [[try surroundings.worker(AnalyticsPlanner(ledger: surroundings.ledger))]]
        })
}
