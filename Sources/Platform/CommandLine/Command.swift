/// An option of a command: `--name VALUE`, or `--name` alone.
public struct Option: Sendable {
    /// Without the dashes.
    public let name: String
    /// The placeholder for the value in the help; nil if the option takes no value.
    public let value: String?
    public let isRequired: Bool
    /// Whether it may be given more than once.
    public let isRepeatable: Bool
    /// One line for the help.
    public let summary: String
    public init(
        _ name: String, value: String? = nil, isRequired: Bool = false, isRepeatable: Bool = false, _ summary: String
    ) {
        self.name = name
        self.value = value
        self.isRequired = isRequired
        self.isRepeatable = isRepeatable
        self.summary = summary
    }

    /// `--name VALUE`
    var form: String { value.map { "--\(name) \($0)" } ?? "--\(name)" }
}

/// A command of the table.
///
/// All arguments are required, except one in brackets, `[NAME]`; a last one with dots, `NAME...`, may be repeated.
public struct Command: Sendable {
    /// Its words, as `["token", "create"]`.
    public let path: [String]
    /// Placeholders, as the help shows them.
    public let arguments: [String]
    public let options: [Option]
    public let summary: String
    /// - Parameter path: the words, with spaces between.
    public init(_ path: String, arguments: [String] = [], options: [Option] = [], _ summary: String) {
        self.path = path.split(separator: " ").map(String.init)
        self.arguments = arguments
        self.options = options
        self.summary = summary
    }

    /// The words that call it.
    public var name: String { path.joined(separator: " ") }
    var argumentsMinimum: Int { arguments.count { !$0.hasPrefix("[") } }
    var argumentsMaximum: Int { arguments.last?.contains("...") == true ? Int.max : arguments.count }
}

/// A parsed command line.
public struct Invocation: Sendable {
    public let command: Command
    /// What was given beside options, in order.
    public let arguments: [String]
    private let options: [(name: String, value: String)]

    init(_ command: Command, arguments: [String], options: [(name: String, value: String)]) {
        self.command = command
        self.arguments = arguments
        self.options = options
    }

    /// Whether the option was given; its name is without dashes, here and below.
    public func isSet(_ option: String) -> Bool { options.contains { $0.name == option } }
    /// The option's value, of several the last; nil if it was not given.
    public func value(_ option: String) -> String? { options.last { $0.name == option }?.value }
    /// All values of a repeatable option, in their order.
    public func values(_ option: String) -> [String] { options.filter { $0.name == option }.map(\.value) }
}

/// Why a command line was not understood, with a suggestion; the exit status is 2.
public struct UsageError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
    public init(_ message: String) { self.message = message }
}
