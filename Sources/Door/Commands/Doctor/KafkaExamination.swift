import Assembly
import Kafka
import Lifecycle

/// Whether Kafka answers, and has the topics that are needed, with the settings that are needed.
enum KafkaExamination {
    private static let subject = "kafka"
    private static let timeout: Duration = .seconds(10)
    /// With fewer brokers an order lies on one machine when it is answered 201.
    private static let brokersWanted = 3

    static func findings(_ base: Base) async -> [Finding] {
        do { return try await base.withAdmin(findings) } catch {
            let isDenied = (error as? KafkaError)?.code == .notAllowed
            return [
                Finding(
                    .fault, subject, "\(error)",
                    remedy: isDenied
                        ? "orderrelay acl create, as a user who may alter the cluster"
                        : "check that the brokers in KAFKA_BOOTSTRAP_SERVERS run, and that this machine reaches them")
            ]
        }
    }

    private static func findings(_ admin: Admin) async throws -> [Finding] {
        let started = ContinuousClock.now
        let cluster = try await admin.clusterID(timeout: timeout)
        let brokers = try await admin.brokerCount(timeout: timeout)
        let milliseconds = started.duration(to: .now).milliseconds
        let differences = try await TopicsCommand.differences(admin, brokers: brokers)
        var findings = [
            Finding(.ok, subject, "cluster \(cluster) answers within \(milliseconds) ms, brokers: \(brokers)")
        ]
        if brokers < brokersWanted {
            findings.append(
                Finding(
                    .warning, subject,
                    "the cluster has fewer than \(brokersWanted) brokers: an accepted order is lost with the one that has it",
                    remedy: "run three brokers, and create the topics there"))
        }
        findings += differences.map {
            Finding(
                .fault, "topics", $0,
                remedy:
                    "orderrelay topics create makes what is missing; kafka-configs.sh and kafka-topics.sh change the rest"
            )
        }
        if differences.isEmpty { findings.append(Finding(.ok, "topics", "all are there, as required")) }
        return findings
    }
}
