import Configuration

/// The program's one table of commands and options.
public struct CommandTable: Sendable {
    /// What a command line asks for.
    public enum Request: Sendable {
        case run(Invocation)
        /// `--help` anywhere, or nothing at all: the text to print.
        case help(String)
    }
    /// The program's name, for the help.
    public let program: String
    /// One line about the program, for its help.
    public let summary: String
    public let commands: [Command]

    public init(program: String, summary: String, commands: [Command]) {
        self.program = program
        self.summary = summary
        self.commands = commands
    }

    /// Parses a command line.
    ///
    /// - Parameter words: the command line without the program's name.
    /// - Throws: ``UsageError`` if the command or an option is unknown, or something is missing or superfluous.
    public func read(_ words: [String]) throws(UsageError) -> Request {
        let optionsEnd = words.firstIndex(of: "--") ?? words.count
        let wantsHelp = words[..<optionsEnd].contains { $0 == "--help" || $0 == "-h" } || words.first == "help"
        let asked = Array(words.drop { $0 == "help" })
        guard let command = try command(calledBy: asked, isHelp: wantsHelp) else {
            return .help(help(of: Array(asked.prefix { !$0.hasPrefix("-") })))
        }
        if wantsHelp { return .help(help(of: command)) }
        return .run(try invocation(of: command, asked.dropFirst(command.path.count)))
    }

    /// The longest path that the words begin with; nil if only help is possible: for no words, or the name of a group.
    private func command(calledBy words: [String], isHelp: Bool) throws(UsageError) -> Command? {
        let called = words.prefix { !$0.hasPrefix("-") }
        let found = commands.filter { called.starts(with: $0.path) }.max { $0.path.count < $1.path.count }
        if let found { return found }
        if called.isEmpty {
            if let option = words.first, !isHelp { throw unknownOption(option, of: nil) }
            return nil
        }
        if commands.contains(where: { $0.path.starts(with: called) }) {
            if isHelp || called.count == words.count { return nil }
        }
        throw unknownCommand(Array(called))
    }

    private func unknownCommand(_ words: [String]) -> UsageError {
        // The first word that matches nothing is the wrong one.
        var known: [String] = []
        while known.count < words.count,
            commands.contains(where: { $0.path.starts(with: known + [words[known.count]]) })
        {
            known.append(words[known.count])
        }
        let group = known.isEmpty ? "" : known.joined(separator: " ") + " "
        let next = Set(
            commands.filter { $0.path.starts(with: known) && $0.path.count > known.count }.map { $0.path[known.count] })
        guard known.count < words.count else {
            return UsageError("\"\(program) \(group)…\" needs one of: \(list(next))")
        }
        let wrong = words[known.count]
        var message = "unknown command \"\(group)\(wrong)\""
        if let meant = nearest(to: wrong, among: next.sorted()) {
            message += "; did you mean \"\(program) \(group)\(meant)\"?"
        } else {
            message += "; known commands: \(list(next))"
        }
        return UsageError(message)
    }

    private func list(_ names: Set<String>) -> String { names.sorted().joined(separator: ", ") }

    private func invocation(of command: Command, _ words: ArraySlice<String>) throws(UsageError) -> Invocation {
        var arguments: [String] = []
        var options: [(name: String, value: String)] = []
        var rest = words
        while let word = rest.popFirst() {
            if word == "--" {
                arguments += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                arguments.append(word)
                continue
            }
            options.append(try option(word, of: command, &rest))
        }
        for option in command.options {
            let count = options.count { $0.name == option.name }
            if count > 1, !option.isRepeatable {
                throw UsageError("--\(option.name) was given \(count) times, but may be given only once")
            }
            if count == 0, option.isRequired {
                throw UsageError("\"\(command.name)\" needs \(option.form): \(option.summary)")
            }
        }
        guard (command.argumentsMinimum...command.argumentsMaximum).contains(arguments.count) else {
            throw UsageError(
                "\"\(command.name)\" \(argumentsFault(command, arguments)); usage: \(usage(of: command))")
        }
        return Invocation(command, arguments: arguments, options: options)
    }

    private func argumentsFault(_ command: Command, _ given: [String]) -> String {
        if given.count < command.argumentsMinimum { return "is missing \(command.arguments[given.count])" }
        return "has an unexpected argument \"\(given[command.arguments.count])\""
    }

    private func option(
        _ word: String, of command: Command, _ rest: inout ArraySlice<String>
    ) throws(UsageError) -> (name: String, value: String) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard word.hasPrefix("--"), let option = command.options.first(where: { "--" + $0.name == parts[0] }) else {
            throw unknownOption(String(parts[0]), of: command)
        }
        guard let valueName = option.value else {
            guard parts.count == 1 else { throw UsageError("--\(option.name) takes no value") }
            return (option.name, "")
        }
        if parts.count == 2 { return (option.name, String(parts[1])) }
        guard let value = rest.popFirst(), !value.hasPrefix("--") else {
            throw UsageError("--\(option.name) needs a value: --\(option.name) \(valueName)")
        }
        return (option.name, value)
    }

    private func unknownOption(_ option: String, of command: Command?) -> UsageError {
        guard let command else { return UsageError("the command comes first: \(program) COMMAND \(option) …") }
        let known = command.options.map { "--" + $0.name } + ["--help"]
        var message = "\"\(command.name)\" has no option \(option)"
        if let meant = nearest(to: option, among: known) {
            message += "; did you mean \(meant)?"
        } else {
            message += "; it has: \(known.joined(separator: ", "))"
        }
        return UsageError(message)
    }
}
