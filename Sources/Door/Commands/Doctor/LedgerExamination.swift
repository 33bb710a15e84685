import Assembly
import Database
import Ledger
import Lifecycle

/// Whether the ledger's database answers, how fast, and whether its schema and settings are as they must be.
enum LedgerExamination {
    private static let subject = "ledger"
    private static let readCount = 5
    /// A confirmed order takes some ten of these, one after the other.
    private static let slowMilliseconds: Int64 = 20

    static func findings(_ ledger: Ledger) async -> [Finding] {
        do {
            try await ledger.open()
            let checkUp = try await ledger.checkUp()
            var findings = [try await speed(of: ledger, checkUp.name)]
            findings += checkUp.remarks.map {
                Finding($0.isFault ? .fault : .warning, subject, $0.text, remedy: $0.remedy)
            }
            let missing = try await ledger.missingMigrations()
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

    private static func speed(of ledger: Ledger, _ name: String) async throws -> Finding {
        var times: [Int64] = []
        for _ in 0..<readCount {
            let started = ContinuousClock.now
            _ = try await ledger.checkUp()
            times.append(started.duration(to: .now).milliseconds)
        }
        let median = times.sorted()[readCount / 2]
        guard median > slowMilliseconds else { return Finding(.ok, subject, "\(name) answers within \(median) ms") }
        return Finding(
            .warning, subject, "\(name) takes \(median) ms for a small read",
            remedy: "run the workers nearer to the database, or look for what keeps it busy")
    }
}
