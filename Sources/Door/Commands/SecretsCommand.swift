import CommandLine
import Crypto
import Ledger

/// `secrets rotate`: seals with the present key what is sealed with the old one.
enum SecretsCommand {
    static let actions = [
        Action(
            changing: Command(
                "secrets rotate",
                options: [Option("check", "counts only; the exit status is 1 while the old key is needed")],
                "seals with SECRETS_KEY what is sealed with SECRETS_KEY_OLD; workers may run"),
            run: rotate)
    ]

    private static func rotate(_ base: Base, _ invocation: Invocation) async throws {
        guard let keys = try base.sealingKeys() else {
            throw WrongUse("SECRETS_KEY is not set: give it the new key, and SECRETS_KEY_OLD the one of before")
        }
        // nil: it only counts.
        let author = invocation.isSet("check") ? nil : try invocation.author()
        try await base.withLedger { try await rotate($0, keys, by: author) }
    }

    private static func rotate(_ ledger: Ledger, _ keys: SealingKeys, by author: Author?) async throws {
        StandardOutput.write("SECRETS_KEY\tkey \(keys.present.id)")
        StandardOutput.write("SECRETS_KEY_OLD\t\(keys.older.map { "key \($0.id)" } ?? "not set")")
        if let author { try await ledger.rotateSecrets(by: author, progress: told) }
        try report(try await ledger.sealedSecrets())
    }

    private static func told(_ rotation: SecretsRotation) {
        StandardOutput.write("resealed\t\(rotation.resealed)\tlooked at\t\(rotation.seen)")
    }

    /// Says whether the old key is still needed; throws ``Failure`` if it is, or may be.
    private static func report(_ secrets: SealedSecrets) throws {
        StandardOutput.write("sealed with SECRETS_KEY\t\(secrets.present)")
        StandardOutput.write("sealed with SECRETS_KEY_OLD, or by a version before\t\(secrets.older)")
        StandardOutput.write("cannot be opened\t\(secrets.unopened.count)")
        for value in secrets.unopened { StandardOutput.write("connection \(value.connection)\t\(value.why)") }
        guard secrets.unopened.isEmpty else {
            throw Failure(
                "\(secrets.unopened.count) secrets cannot be opened: give the key that they were sealed with as SECRETS_KEY_OLD and run this again, or create these connections again"
            )
        }
        guard secrets.older == 0 else {
            throw Failure(
                "\(secrets.older) secrets are not sealed with SECRETS_KEY yet: keep SECRETS_KEY_OLD, and run `orderrelay secrets rotate`"
            )
        }
        StandardOutput.write("no secret needs SECRETS_KEY_OLD any more: remove it")
    }
}
