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

    /// The value as it may be shown: a secret not at all, of an address everything but its password.
    func shown(_ value: String) -> String {
        guard !isSecret else { return "***" }
        guard let scheme = value.firstRange(of: "://") else { return value }
        let rest = value[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return value
        }
        return value[..<authority.index(after: colon)] + "***" + value[at...]
    }
}
