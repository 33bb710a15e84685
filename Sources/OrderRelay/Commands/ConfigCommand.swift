import Configuration

/// `config`: what holds, secrets masked.
enum ConfigCommand {
    static func run(_ base: Base) async throws {
        for line in try base.environment.listing(Settings.all) { print(line) }
    }
}
