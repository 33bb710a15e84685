import Assembly
import Intake
import Kafka
import Testing

@testable import Door

/// What the users of Kafka may do is written in several places, for which the processes' declarations are the truth.
@Suite("The users of Kafka")
struct KafkaUserTests {
    private let ingest = KafkaUser.all.first { $0.name == "ingest" }!

    @Test("every process that uses Kafka is one, and so is whoever runs commands")
    func users() {
        let processes = Processes.all.map(\.name).filter { $0 != "sandbox" }
        #expect(KafkaUser.all.map(\.name) == processes + ["operator"])
        for user in KafkaUser.all { #expect(user.rights == user.rights.condensed, "\(user.name)") }
    }

    @Test("rights are of topics that there are, and of the workers' groups")
    func resources() {
        let topics = Set(Topics.all.map(\.name))
        let groups = Set(Processes.workers.map(\.group) + ["orderrelay-reader"])
        for right in KafkaUser.all.flatMap(\.rights) {
            switch right.resource {
            case .topic(let name): #expect(topics.contains(name), "\(right)")
            case .group(let name): #expect(groups.contains(name), "\(right)")
            case .cluster: #expect(right.operation == .describe)
            }
        }
        for worker in Processes.workers {
            let rights = KafkaUser.all.first { $0.name == worker.name }!.rights
            #expect(rights.contains(AccessRight(.read, .group(worker.group))))
            let letters = AccessRight(.write, .topic("dead-letters"))
            #expect(rights.contains(letters) == worker.writesDeadLetters, "\(worker.name)")
            #expect(!rights.contains(AccessRight(.write, .topic("orders"))), "only ingest takes orders in")
        }
    }

    @Test("the table in the documentation is theirs")
    func documented() throws {
        let lines = try Tree.text("Sources/OrderRelay/OrderRelay.docc/KafkaUsers.md").split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("| `") }.map(String.init)
        #expect(rows == KafkaUser.all.map(Self.row))
    }

    /// A user's line of the table: its topics, groups, and what it asks of the cluster.
    private static func row(_ user: KafkaUser) -> String {
        let kinds = ["topic", "group", "cluster"].map { kind in
            let rights = user.rights.filter { $0.resource.kind == kind }
            let names = rights.map(\.resource.name)
            let cells = Dictionary(grouping: rights, by: \.resource.name).mapValues { rights in
                rights.map(\.operation.rawValue).joined(separator: ", ")
            }
            let distinct = names.enumerated().filter { names.firstIndex(of: $0.element) == $0.offset }.map(\.element)
            return distinct.map { kind == "cluster" ? cells[$0]! : "`\($0)`: \(cells[$0]!)" }.joined(separator: "; ")
        }
        return "| `\(user.name)` | \(kinds.joined(separator: " | ")) |".replacing("|  |", with: "| |")
    }

    @Test("deploy/secrets makes a password for each, and the compose file gives it to the user's service")
    func deployed() throws {
        let secrets = try Tree.text("deploy/secrets")
        let made = try #require(secrets.firstMatch(of: /(?m)^kafka_users=\((.*)\)$/)).1.split(separator: " ")
        #expect(Set(made.map(String.init)) == Set(KafkaUser.all.map(\.name)))
        let compose = try Tree.text("deploy/compose.secure.yml")
        for user in KafkaUser.all {
            let principal = PrincipalForm.usual.principal(of: user)
            #expect(compose.contains("KAFKA_SASL_USERNAME: \(principal.dropFirst("User:".count))\n"), "\(user.name)")
            #expect(compose.contains("kafka-password-\(user.name): {file:"), "\(user.name)")
        }
    }

    @Test("a principal's form has a type, and the name's place")
    func forms() {
        #expect(PrincipalForm.usual.principal(of: ingest) == "User:orderrelay-ingest")
        #expect(PrincipalForm("User:CN=NAME,O=Shop")?.principal(of: ingest) == "User:CN=ingest,O=Shop")
        for text in ["", "User:shop", "NAME", ":NAME", "User:NAME\n"] { #expect(PrincipalForm(text) == nil, "\(text)") }
    }

    @Test("what is granted is compared with what is needed, both ways")
    func differences() {
        let user = KafkaUser(
            name: "crm", rights: [AccessRight(.read, .topic("orders")), AccessRight(.read, .group("orderrelay-crm"))])
        let exact = GrantedRights(rights: Set(user.rights))
        #expect(AclLines.differences(of: user, "User:crm", granted: exact) == [])
        let other = GrantedRights(
            rights: [user.rights[0], AccessRight(.write, .topic("orders"))],
            others: ["Deny READ on Literal topic orders from *"])
        #expect(
            AclLines.differences(of: user, "User:crm", granted: other) == [
                "missing\tUser:crm\tgroup\torderrelay-crm\tRead", "not needed\tUser:crm\ttopic\torders\tWrite",
                "not known\tUser:crm\tDeny READ on Literal topic orders from *",
            ])
    }

    @Test("doctor says what is missing and what is too much, and nothing where nothing is granted")
    func examined() {
        let rights = GrantedRights(rights: Set(ingest.rights))
        #expect(RightsExamination.findings([(ingest, GrantedRights())]).isEmpty)
        #expect(RightsExamination.findings([(ingest, rights)]).map(\.grade) == [.ok])
        let right = AccessRight(.write, .topic("orders"))
        let less = GrantedRights(rights: rights.rights.subtracting([right]))
        let lack = RightsExamination.findings([(ingest, less)])
        #expect(lack.map(\.grade) == [.fault] && lack[0].text == "ingest lacks Write on topic orders")
        let more = GrantedRights(rights: rights.rights.union([AccessRight(.read, .topic("people"))]), others: ["any"])
        #expect(RightsExamination.findings([(ingest, more)]).map(\.grade) == [.warning, .warning])
    }

    @Test("a right is also a call of Kafka's own tool")
    func commands() {
        let command = AclLines.command(AccessRight(.describe, .cluster), "User:CN=crm")
        #expect(command.hasPrefix("kafka-acls.sh --bootstrap-server HOST:PORT ") && command.contains(" --add "))
        #expect(command.hasSuffix("--allow-principal 'User:CN=crm' --operation Describe --cluster"))
        #expect(AclLines.command(AccessRight(.write, .topic("a")), "User:b").hasSuffix("--operation Write --topic a"))
        #expect(AclLines.command(AccessRight(.read, .group("a")), "User:b").hasSuffix("--operation Read --group a"))
    }
}
