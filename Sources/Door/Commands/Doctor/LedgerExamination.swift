import Assembly
import Database
import Ledger
import Lifecycle

/// Whether the ledger's database answers, how fast, and whether its schema and settings are as they must be.
enum LedgerExamination {
    private static let subject = "ledger"
    private static let readCount = 5
    /// From here on a read takes so long that it is worth a look.
    private static let slowMilliseconds: Int64 = 20

    static func findings(_ ledger: Ledger) async -> [Finding] {
        do {
            try await ledger.open()
            let checkUp = try await ledger.checkUp()
            let (missing, milliseconds) = try await missingMigrations(of: ledger)
            var findings = [speed(of: checkUp.name, milliseconds)]
            findings += checkUp.remarks.map {
                Finding($0.isFault ? .fault : .warning, subject, $0.text, remedy: $0.remedy)
            }
            if !missing.isEmpty {
                findings.append(
                    Finding(
                        .fault, subject, "the schema lacks \(missing.count) migrations, from \(missing[0])",
                        remedy: "orderrelay migrate"))
            }
            return findings
        } catch {
            return [
                Finding(
                    .fault, subject, "\(error)",
                    remedy: "check DATABASE_URL, that the database runs, and that this machine reaches it")
            ]
        }
    }

    /// What the schema lacks, read a few times, with the median of how long that took.
    private static func missingMigrations(of ledger: Ledger) async throws -> ([String], milliseconds: Int64) {
        var missing: [String] = []
        var times: [Int64] = []
        for _ in 0..<readCount {
            let started = ContinuousClock.now
            missing = try await ledger.missingMigrations()
            times.append(started.duration(to: .now).milliseconds)
        }
        return (missing, times.sorted()[readCount / 2])
    }

    private static func speed(of name: String, _ milliseconds: Int64) -> Finding {
        guard milliseconds > slowMilliseconds else {
            return Finding(.ok, subject, "\(name) answers within \(milliseconds) ms")
        }
        return Finding(
            .warning, subject, "\(name) takes \(milliseconds) ms for a small read",
            remedy: "run the workers nearer to the database, or look for what keeps it busy")
    }
}
