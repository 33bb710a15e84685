import Assembly
import Control
import Intake
import Kafka
import Limiter

/// Who uses Kafka, and what each needs there: every process, and whoever runs commands. Where Kafka has an authorizer, each is a
/// user of its own.
struct KafkaUser: Sendable {
    let name: String
    /// Sorted; what another one includes is not listed.
    let rights: [AccessRight]

    /// The processes in their order, then the operator.
    static let all =
        Processes.all.filter { !$0.rights.isEmpty }.map { KafkaUser(name: $0.name, rights: $0.rights) } + [commands]

    /// All one-shot commands but `acl create`, which needs Alter on the cluster: only those who administer Kafka grant rights.
    static let commands = KafkaUser(
        name: "operator",
        rights: (AccessRight.creating(Topics.all.map(\.name)) + AccessRight.describing(Topics.all.map(\.name))
            + books + limits + OutboxDrainer.rights + AccessRight.describingRights).condensed)

    /// `audit`, `reintake`: the workers' topics and positions.
    private static let books = Processes.workers.flatMap { worker in
        AccessRight.reading(worker.topics) + AccessRight.positions(ofGroup: worker.group, topics: worker.topics)
    }

    /// `ratelimit show` and `ratelimit lift`, which take part in the limit as `ingest` does, and `audit --limit`.
    private static let limits = ControlReplica.rights + Limiter.rights
}

/// The principal that Kafka knows a user by.
struct PrincipalForm: Sendable {
    private static let placeholder = "NAME"
    /// With the same beginning as the consumer groups' names.
    static let usual = PrincipalForm("User:orderrelay-NAME")!
    private let text: String

    /// - Parameter text: a principal with `NAME` in the place of the user's name; nil if it has none, or no type.
    init?(_ text: String) {
        guard text.contains(Self.placeholder), let colon = text.firstIndex(of: ":"), colon > text.startIndex,
            !text.contains(where: \.isNewline)
        else { return nil }
        self.text = text
    }

    func principal(of user: KafkaUser) -> String { text.replacing(Self.placeholder, with: user.name) }
}
