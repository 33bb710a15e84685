public import Assembly
import CommandLine
import Delivery
import HTTP
import Ledger
import Outbound

extension CRMWorker {
    public static let declaration = ProcessDeclaration(
        Command("crm", "worker: brings orders to the shops' CRMs"), worker: CRMPlanner.declaration, ledger: .writes,
        isPartOfDev: true,
        examination: { await ConnectionsExamination.findings($0.ledger) },
        services: { surroundings in
            let parts = CRMWorker(ledger: surroundings.ledger, client: Client())
            return [[try surroundings.worker(parts.planner) { parts.adapter(for: $0) }]]
        })
}
