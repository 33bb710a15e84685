import Limiter
import RateLimit

/// `audit --limit`: recounts the rate limit from its topic; admissions above the limit must be 0.
enum LimitAuditCommand {
    private static let shown = 20

    static func run(_ base: Base) async throws {
        let found = try await LimitAudit.run(base.kafka)
        print("limit", "allowed", "worst 60 s", "too many", "admissions", "claims", separator: "\t")
        for (id, report) in found.prefix(shown) {
            print(
                id, report.limit, report.worstWindow, report.overAdmissions, report.admissions, report.claims,
                separator: "\t")
        }
        if found.count > shown { print("and \(found.count - shown) more limits, none of them worse") }
        let total = found.reduce(0) { $0 + $1.report.overAdmissions }
        print("orderrelay_ratelimit_overadmission_total", total, separator: "\t")
        if total > 0 { throw Failure("\(total) requests were admitted that no limit allowed") }
    }
}
