/// What is wrong with a setting: its name, its value (masked where secret), what would be right.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    public let name: String
    public let message: String
    public var description: String { message }
    public init(name: String, _ message: String) {
        self.name = name
        self.message = message
    }
}

/// One variable that some part of the program reads.
public struct Setting: Sendable {
    public let name: String
    /// As text; nil: none, the part that it configures is off or it is required.
    public let defaultValue: String?
    public let isSecret: Bool
    public let summary: String
    public init(_ name: String, default defaultValue: String? = nil, isSecret: Bool = false, _ summary: String) {
        self.name = name
        self.defaultValue = defaultValue
        self.isSecret = isSecret
        self.summary = summary
    }
}

/// The one reader of settings: environment variables, each also as `NAME_FILE` whose content is the value.
public struct Environment: Sendable {
    /// - Parameter variables: the process's environment.
    public init(_ variables: [String: String]) { fatalError("to be written") }
    /// The value, or the setting's default. Throws where `NAME` and `NAME_FILE` are both set, or the file cannot be read.
    public func text(_ setting: Setting) throws(ConfigurationError) -> String? { fatalError("to be written") }
    /// The value turned into something by `parse`, which gives nil for what is none; `expected` says in the error what was.
    public func value<Value>(_ setting: Setting, expected: String, _ parse: (String) -> Value?) throws(ConfigurationError) -> Value? { fatalError("to be written") }
    /// Every variable that starts with `prefix`, for pass-through properties (`KAFKA_SASL_USERNAME` → `sasl.username`).
    public func passedThrough(prefix: String, except: [Setting]) throws(ConfigurationError) -> [String: String] { fatalError("to be written") }
    /// Refuses names within two edits of a known one; returns other unknown names that start with one of `prefixes`.
    public func check(known: [Setting], prefixes: [String]) throws(ConfigurationError) -> [String] { fatalError("to be written") }
    /// What holds, a line `NAME=value` each, secrets as `***`.
    public func listing(_ settings: [Setting]) throws(ConfigurationError) -> [String] { fatalError("to be written") }
}
