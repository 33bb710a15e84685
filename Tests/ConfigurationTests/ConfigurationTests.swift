import Foundation
import Testing

@testable import Configuration

@Suite struct EnvironmentTests {
    let level = Setting("LOG_LEVEL", default: "info", "How much is logged.")
    let key = Setting("SECRETS_KEY", isSecret: true, "Encrypts secrets.")
    let database = Setting("DATABASE_URL", default: "sqlite:orderrelay.db", "The ledger.")

    private func file(_ content: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "setting-\(UUID().uuidString)").path
        try Data(content.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test("a variable's value, else the default, else none; empty counts as none")
    func text() throws {
        #expect(try Environment(["LOG_LEVEL": "debug"]).text(level) == "debug")
        #expect(try Environment(["LOG_LEVEL": ""]).text(level) == "info")
        #expect(try Environment([:]).text(key) == nil)
    }

    @Test("NAME_FILE gives the file's content without its last line feed")
    func fromFile() throws {
        let path = try file("s3cret\n")
        #expect(try Environment(["SECRETS_KEY_FILE": path]).text(key) == "s3cret")
    }

    @Test("NAME and NAME_FILE together, a missing file, an empty one and a folder are refused by name")
    func refusedFiles() throws {
        let path = try file("x")
        let empty = try file("\n")
        for (variables, words) in [
            (["SECRETS_KEY": "a", "SECRETS_KEY_FILE": path], "both set"),
            (["SECRETS_KEY_FILE": "/no/such/file"], "No such file"),
            (["SECRETS_KEY_FILE": empty], "empty"), (["SECRETS_KEY_FILE": "/tmp"], "directory"),
            (["SECRETS_KEY_FILE": "/dev/zero"], "longer than 65536 bytes"),
        ] {
            let error = #expect(throws: ConfigurationError.self) { try Environment(variables).text(key) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("SECRETS_KEY") == true)
        }
    }

    @Test("a bad value is named with what was expected; a secret one is masked")
    func badValues() {
        let plain = #expect(throws: ConfigurationError.self) {
            try Environment(["LOG_LEVEL": "loud"]).value(level, expected: "debug, info, warning or error") { _ in
                Int?.none
            }
        }
        #expect(plain?.message == "LOG_LEVEL is \"loud\"; expected debug, info, warning or error")
        let secret = #expect(throws: ConfigurationError.self) {
            try Environment(["SECRETS_KEY": "hunter2"]).value(key, expected: "32 bytes") { _ in Int?.none }
        }
        #expect(secret?.message == "SECRETS_KEY is \"***\"; expected 32 bytes")
    }

    @Test("a required setting that is not set says what it is for")
    func required() {
        let error = #expect(throws: ConfigurationError.self) { try Environment([:]).required(key) }
        #expect(error?.message == "SECRETS_KEY is not set: Encrypts secrets.")
    }

    @Test(
        "a name within two edits of ours is refused with a suggestion",
        arguments: [
            ("LOG_LEVLE", "LOG_LEVEL"), ("LOGLEVEL", "LOG_LEVEL"), ("SECRET_KEY_FILE", "SECRETS_KEY_FILE"),
            ("DATABASE_URLS", "DATABASE_URL"),
        ])
    func near(name: String, meant: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Environment([name: "x"]).check(known: [level, key, database].map(\.name))
        }
        #expect(error?.message == "unknown setting \(name); did you mean \(meant)?")
    }

    @Test("other unknown names with our prefixes are returned; foreign ones are nobody's business")
    func others() throws {
        let environment = Environment([
            "LOG_SERVICE_PORT": "1", "PATH": "/bin", "HOME": "/", "LOG_LEVEL": "info", "SECRETS_KEY_FILE": "/x",
        ])
        #expect(try environment.check(known: [level, key, database].map(\.name)) == ["LOG_SERVICE_PORT"])
    }

    @Test("properties of a library pass through in its own spelling, from files too")
    func passedThrough() throws {
        let servers = Setting("KAFKA_BOOTSTRAP_SERVERS", "Brokers.")
        let environment = Environment([
            "KAFKA_BOOTSTRAP_SERVERS": "b:9092", "KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD_FILE": try file("p"),
            "KAFKA_KEYSTORE_FILE": "/nowhere", "KAFKA_PORT": "tcp://10.0.0.1:9092", "HOME": "/",
        ])
        #expect(
            try environment.passedThrough(prefix: "KAFKA_", except: [servers]) { $0.hasPrefix("sasl.") }
                == ["sasl.username": "u", "sasl.password": "p"])
    }

    @Test("the listing shows what holds, with secrets and passwords in addresses masked")
    func listing() throws {
        let environment = Environment(["SECRETS_KEY": "hunter2", "DATABASE_URL": "postgresql://me:pass@db:5432/x?y=1"])
        #expect(
            try environment.listing([level, key, database]) == [
                "LOG_LEVEL=info", "SECRETS_KEY=***", "DATABASE_URL=postgresql://me:***@db:5432/x?y=1",
            ])
    }

    @Test("a password is masked wherever an address has it")
    func passwordParameters() throws {
        for (value, shown) in [
            (
                "postgresql://db/x?user=me&password=pass&sslmode=require",
                "postgresql://db/x?user=me&password=***&sslmode=require"
            ),
            ("postgresql://db/x?sslpassword=pa=ss", "postgresql://db/x?sslpassword=***"),
            ("postgresql://me:p?ass@db/x?passfile=/f", "postgresql://me:***@db/x?passfile=/f"),
        ] {
            #expect(try Environment(["DATABASE_URL": value]).listing([database]) == ["DATABASE_URL=\(shown)"])
        }
    }

    @Test("edits are counted with swaps as one")
    func distances() {
        #expect(editDistance("abc", "acb", atMost: 2) == 1)
        #expect(editDistance("abc", "xabcy", atMost: 2) == 2)
        #expect(editDistance("abcdef", "uvwxyz", atMost: 2) == 3)
        #expect(nearest(to: "ab", among: ["xy"]) == nil)
    }
}
