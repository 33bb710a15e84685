import Analytics
public import Assembly
import CRM
public import Configuration
import Confirmations
import Ingest
import Sandbox

/// The one list of long-running processes; everything about them elsewhere is derived from it.
public enum Processes {
    public static let all: [ProcessDeclaration] =
        [IngestProcess.declaration] + working + [.auditor(of: workers), SandboxProcess.declaration]

    private static let working: [ProcessDeclaration] = [
        ConfirmationsWorker.declaration,
        AnalyticsPlanner.process,
        CRMWorker.declaration,
    ]

    /// Those that `dev` runs in one process.
    static let inDev = all.filter(\.isPartOfDev)

    /// The workers: each has a position in every partition that it reads, and books that `audit` checks.
    public static let workers = working.compactMap(\.worker)

    /// Every environment variable that the program reads.
    public static let settings: [Setting] = CommonSettings.all + all.flatMap(\.settings)
}
