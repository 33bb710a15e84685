import Assembly
import Kafka

/// Whether each user of Kafka has the rights that it needs, where Kafka shows any of the usual principals'.
enum RightsExamination {
    private static let subject = "rights"

    static func findings(_ base: Base) async -> [Finding] {
        do { return try await base.withAdmin(findings) } catch {
            // That Kafka does not answer is a finding of its own.
            return []
        }
    }

    private static func findings(_ admin: Admin) async throws -> [Finding] {
        var granted: [(user: KafkaUser, rights: GrantedRights)] = []
        for user in KafkaUser.all {
            let principal = PrincipalForm.usual.principal(of: user)
            granted.append((user, try await admin.granted(to: principal, timeout: AclCommand.timeout)))
        }
        return findings(granted)
    }

    /// Nothing at all is granted where there is no authorizer, or where users have other principals.
    static func findings(_ granted: [(user: KafkaUser, rights: GrantedRights)]) -> [Finding] {
        guard granted.contains(where: { $0.rights != GrantedRights() }) else { return [] }
        var findings: [Finding] = []
        for (user, rights) in granted {
            for right in user.rights where !rights.rights.contains(right) {
                findings.append(
                    Finding(.fault, subject, "\(user.name) lacks \(right)", remedy: "orderrelay acl create grants it"))
            }
            let needless = rights.rights.subtracting(user.rights).sorted().map(\.description) + rights.others
            for right in needless {
                findings.append(
                    Finding(
                        .warning, subject, "\(user.name) is granted what it does not need: \(right)",
                        remedy: "take it away with kafka-acls.sh --remove"))
            }
        }
        return findings.isEmpty ? [Finding(.ok, subject, "every user has what it needs, and no more")] : findings
    }
}
