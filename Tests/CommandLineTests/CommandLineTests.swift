import Testing

@testable import CommandLine

@Suite struct CommandLineTests {
    let table = CommandTable(
        program: "orderrelay", summary: "Takes orders in.",
        commands: [
            Command("ingest", "Serves the HTTP API."),
            Command("dev", options: [Option("json", "Print one JSON line.")], "Runs everything in one process."),
            Command("account create", arguments: ["NAME"], "Makes an account."),
            Command(
                "token create",
                options: [
                    Option("account", value: "NAME", isRequired: true, "Whose token it is."),
                    Option("scope", value: "SCOPE", isRepeatable: true, "What it may do."),
                    Option("limit", value: "N", "Requests in any 60 s."),
                ], "Makes a token."),
            Command("token revoke", arguments: ["ID..."], "Ends tokens."),
            Command("person show", arguments: ["ID", "[FIELD]"], "Shows a person."),
        ])

    private func run(_ line: String) throws -> Invocation {
        guard case .run(let invocation) = try table.read(line.split(separator: " ").map(String.init)) else {
            throw UsageError("help instead")
        }
        return invocation
    }

    private func help(_ line: String) throws -> String {
        guard case .help(let text) = try table.read(line.split(separator: " ").map(String.init)) else {
            throw UsageError("no help")
        }
        return text
    }

    @Test("options come as --name value and --name=value, in any place")
    func options() throws {
        let invocation = try run("token create --scope read --account=shop --scope=write --limit 5")
        #expect(invocation.command.path == ["token", "create"])
        #expect(invocation.value("account") == "shop")
        #expect(invocation.values("scope") == ["read", "write"])
        #expect(invocation.value("limit") == "5")
        #expect(try run("dev --json").isSet("json"))
        #expect(try !run("dev").isSet("json"))
        #expect(try run("account create -- --odd--").arguments == ["--odd--"])
        #expect(try run("token revoke a b c").arguments == ["a", "b", "c"])
        #expect(try run("person show 1").arguments == ["1"])
        #expect(try run("token create --account=").value("account") == "")
    }

    @Test(
        "errors come with a suggestion",
        arguments: [
            ("ingst", "unknown command \"ingst\"; did you mean \"orderrelay ingest\"?"),
            ("token crate", "unknown command \"token crate\"; did you mean \"orderrelay token create\"?"),
            ("token fly", "unknown command \"token fly\"; known commands: create, revoke"),
            ("dev --jsno", "\"dev\" has no option --jsno; did you mean --json?"),
            ("dev --quick", "\"dev\" has no option --quick; it has: --json, --help"),
            ("dev -j", "\"dev\" has no option -j; it has: --json, --help"),
            ("dev --json=yes", "--json takes no value"),
            ("dev now", "\"dev\" has an unexpected argument \"now\"; usage: orderrelay dev [--json]"),
            ("dev --json --json", "--json was given 2 times, but may be given only once"),
            ("token create", "\"token create\" needs --account NAME: Whose token it is."),
            ("token create --account", "--account needs a value: --account NAME"),
            ("token create --account --limit 3", "--account needs a value: --account NAME"),
            ("account create", "\"account create\" is missing NAME; usage: orderrelay account create NAME"),
            ("token revoke", "\"token revoke\" is missing ID...; usage: orderrelay token revoke ID..."),
            (
                "person show 1 2 3",
                "\"person show\" has an unexpected argument \"3\"; usage: orderrelay person show ID [FIELD]"
            ),
            ("--json dev", "the command comes first: orderrelay COMMAND --json …"),
            ("token --json", "\"orderrelay token …\" needs one of: create, revoke"),
        ])
    func faults(line: String, message: String) {
        let error = #expect(throws: UsageError.self) { try run(line) }
        #expect(error?.message == message)
    }

    @Test("help is everywhere: of the program, of a group, of a command, also beside what would be wrong")
    func helps() throws {
        for line in ["", "--help", "-h", "help"] {
            let text = try help(line)
            #expect(text.hasPrefix("Takes orders in.\n\nUsage: orderrelay COMMAND"))
            #expect(text.contains("  token create    Makes a token.\n"))
        }
        for line in ["token", "token --help", "help token"] {
            let text = try help(line)
            #expect(text.contains("Usage: orderrelay token COMMAND"))
            #expect(!text.contains("ingest"))
        }
        for line in ["token create --help", "help token create", "token create --limit --help"] {
            let text = try help(line)
            #expect(
                text.hasPrefix(
                    "Makes a token.\n\nUsage: orderrelay token create --account NAME [--scope SCOPE]... [--limit N]\n"))
            #expect(text.contains("  --account NAME  Whose token it is. Required.\n"))
        }
    }
}
