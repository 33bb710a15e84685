/// An option of a command: `--name VALUE`, or `--name` alone.
public struct Option: Sendable {
    public let name: String
    /// What stands for the value in the help; nil: the option takes none.
    public let value: String?
    public let isRequired: Bool
    public let isRepeatable: Bool
    public let summary: String
    public init(_ name: String, value: String? = nil, isRequired: Bool = false, isRepeatable: Bool = false, _ summary: String) {
        self.name = name
        self.value = value
        self.isRequired = isRequired
        self.isRepeatable = isRepeatable
        self.summary = summary
    }
}

/// A command as the table has it; `path` is `["token", "create"]`.
public struct Command: Sendable {
    public let path: [String]
    public let arguments: [String]
    public let options: [Option]
    public let summary: String
    public init(_ path: String, arguments: [String] = [], options: [Option] = [], _ summary: String) {
        self.path = path.split(separator: " ").map(String.init)
        self.arguments = arguments
        self.options = options
        self.summary = summary
    }
}

/// A command line, understood.
public struct Invocation: Sendable {
    public let command: Command
    public let arguments: [String]
    public func isSet(_ option: String) -> Bool { fatalError("to be written") }
    public func value(_ option: String) -> String? { fatalError("to be written") }
    public func values(_ option: String) -> [String] { fatalError("to be written") }
    init() { fatalError("to be written") }
}

/// Why a command line was not understood, with what was meant; the exit status is 2.
public struct UsageError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
    public init(_ message: String) { self.message = message }
}

/// The program's one table of commands and options.
public struct CommandTable: Sendable {
    /// What a command line asks for.
    public enum Request: Sendable {
        case run(Invocation)
        /// `--help` anywhere, or nothing at all: the text to print.
        case help(String)
    }
    public init(program: String, summary: String, commands: [Command]) { fatalError("to be written") }
    /// - Parameter words: the command line without the program's name.
    public func read(_ words: [String]) throws(UsageError) -> Request { fatalError("to be written") }
}
