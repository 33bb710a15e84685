import CommandLine
import Kafka

/// `acl list`, `acl create`, `acl check`: what each process may do on a Kafka that has an authorizer.
enum AclCommand {
    static let timeout: Duration = .seconds(15)

    static let actions = [
        Action(
            Command(
                "acl list", options: [principalOption, Option("commands", "as calls of kafka-acls.sh")],
                "shows what each process, and whoever runs commands, must be allowed on Kafka; asks nobody"), run: list),
        Action(
            Command(
                "acl create", options: [principalOption],
                "grants what is missing; its own user must have Alter on the cluster")
        ) { base, invocation in
            let form = try principalForm(invocation)
            try await base.patiently(waitingFor: "Kafka") { try await base.withAdmin { try await create($0, form) } }
        },
        Action(
            Command(
                "acl check", options: [principalOption],
                "compares what is granted on Kafka with what is needed, and prints the differences")
        ) { base, invocation in
            let form = try principalForm(invocation)
            try await base.withAdmin { try await check($0, form) }
        },
    ]

    private static let principalOption = Option(
        "principal", value: "FORM",
        "the users' principals, with NAME in the place of the process's name (default: User:orderrelay-NAME)")

    private static func principalForm(_ invocation: Invocation) throws(WrongUse) -> PrincipalForm {
        guard let text = invocation.value("principal") else { return .usual }
        guard let form = PrincipalForm(text) else {
            throw WrongUse(
                "--principal must have a type, and NAME for the process's name, as User:orderrelay-NAME, not \(text)")
        }
        return form
    }

    private static func list(_ base: Base, _ invocation: Invocation) async throws {
        let form = try principalForm(invocation)
        let asCommands = invocation.isSet("commands")
        if !asCommands { StandardOutput.write("principal\tresource\tname\toperation") }
        for user in KafkaUser.all {
            let principal = form.principal(of: user)
            for right in user.rights {
                StandardOutput.write(
                    asCommands ? AclLines.command(right, principal) : "\(principal)\t\(AclLines.cells(right))")
            }
        }
    }

    private static func create(_ admin: Admin, _ form: PrincipalForm) async throws {
        for user in KafkaUser.all {
            let principal = form.principal(of: user)
            let present = try await admin.granted(to: principal, timeout: timeout).rights
            let missing = user.rights.filter { !present.contains($0) }
            try await admin.grant(missing, to: principal, timeout: timeout)
            for right in user.rights {
                let state = missing.contains(right) ? "created" : "exists"
                StandardOutput.write("\(principal)\t\(AclLines.cells(right))\t\(state)")
            }
        }
    }

    private static func check(_ admin: Admin, _ form: PrincipalForm) async throws {
        var (count, isNothingGranted) = (0, true)
        for user in KafkaUser.all {
            let principal = form.principal(of: user)
            let granted = try await admin.granted(to: principal, timeout: timeout)
            if granted != GrantedRights() { isNothingGranted = false }
            for line in AclLines.differences(of: user, principal, granted: granted) {
                StandardOutput.write(line)
                count += 1
            }
        }
        guard count > 0 else { return }
        throw Failure(
            isNothingGranted
                ? "Kafka shows no right of any of these principals: nothing is granted to them, or this user may not ask (it needs Describe on the cluster), or the brokers have no authorizer.class.name"
                : "what is granted on Kafka has \(count) differences from what is needed")
    }
}

/// What the commands `acl` print. Pure.
enum AclLines {
    /// Kind and name of the resource, and the operation.
    static func cells(_ right: AccessRight) -> String {
        [right.resource.kind, right.resource.name, right.operation.rawValue].joined(separator: "\t")
    }

    /// A call of Kafka's own tool.
    static func command(_ right: AccessRight, _ principal: String) -> String {
        let resource =
            switch right.resource {
            case .cluster: "--cluster"
            case .topic(let name): "--topic \(name)"
            case .group(let name): "--group \(name)"
            }
        return
            "kafka-acls.sh --bootstrap-server HOST:PORT --command-config FILE --add --allow-principal '\(principal)' "
            + "--operation \(right.operation.rawValue) \(resource)"
    }

    /// What a user lacks, and what it may do without need, a line each.
    static func differences(of user: KafkaUser, _ principal: String, granted: GrantedRights) -> [String] {
        let needed = Set(user.rights)
        return user.rights.filter { !granted.rights.contains($0) }.map { "missing\t\(principal)\t\(cells($0))" }
            + granted.rights.subtracting(needed).sorted().map { "not needed\t\(principal)\t\(cells($0))" }
            + granted.others.map { "not known\t\(principal)\t\($0)" }
    }
}
