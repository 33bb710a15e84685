/// An option of a command: `--name VALUE`, or `--name` alone.
public struct Option: Sendable {
    /// Without the dashes.
    public let name: String
    /// What stands for the value in the help; nil: the option takes none.
    public let value: String?
    public let isRequired: Bool
    public let isRepeatable: Bool
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

/// A command as the table has it; `path` is `["token", "create"]`.
///
/// Arguments are all wanted, except one in brackets, `[NAME]`, and a last one with dots, `NAME...`, may come often.
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

    /// The words that call it.
    public var name: String { path.joined(separator: " ") }
    var argumentsMinimum: Int { arguments.count { !$0.hasPrefix("[") } }
    var argumentsMaximum: Int { arguments.last?.contains("...") == true ? Int.max : arguments.count }
}

/// A command line, understood.
public struct Invocation: Sendable {
    public let command: Command
    public let arguments: [String]
    private let options: [(name: String, value: String)]

    init(_ command: Command, arguments: [String], options: [(name: String, value: String)]) {
        self.command = command
        self.arguments = arguments
        self.options = options
    }

    /// Whether the option was given; its name is without dashes, here and below.
    public func isSet(_ option: String) -> Bool { options.contains { $0.name == option } }
    /// What an option was given; the last one, where it was given twice.
    public func value(_ option: String) -> String? { options.last { $0.name == option }?.value }
    /// All values of a repeatable option, in their order.
    public func values(_ option: String) -> [String] { options.filter { $0.name == option }.map(\.value) }
}

/// Why a command line was not understood, with what was meant; the exit status is 2.
public struct UsageError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
    public init(_ message: String) { self.message = message }
}
