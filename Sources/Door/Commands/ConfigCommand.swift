import CommandLine
import Configuration

/// `config`: the effective settings, secrets masked.
enum ConfigCommand {
    static let action = Action(Command("config", "prints the effective settings, secrets masked")) { base, _ in
        for line in try base.environment.listing(Processes.settings) { print(line) }
    }
}
