/// What is wrong with a setting: its name, its value (masked if secret), and what is valid.
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
    /// As text; nil if there is no default: then the setting is required, or what it configures is off.
    public let defaultValue: String?
    /// Whether its value is masked in listings and errors.
    public let isSecret: Bool
    /// One line for the documentation and errors.
    public let summary: String
    public init(_ name: String, default defaultValue: String? = nil, isSecret: Bool = false, _ summary: String) {
        self.name = name
        self.defaultValue = defaultValue
        self.isSecret = isSecret
        self.summary = summary
    }

    /// The variable that names a property of a library: `KAFKA_` and `sasl.username` are `KAFKA_SASL_USERNAME`.
    public static func variable(prefix: String, property: String) -> String {
        prefix + String(property.uppercased().map { $0 == "." ? "_" : $0 })
    }

    /// The value as it may be shown: a secret not at all, of an address everything but its password, also where that is a
    /// parameter, as libpq's `password` and `sslpassword`.
    func shown(_ value: String) -> String {
        guard !isSecret else { return "***" }
        let masked = value.replacing(/([?&][^=&]*password=)[^&]*/.ignoresCase()) { $0.1 + "***" }
        guard let scheme = masked.firstRange(of: "://") else { return masked }
        let rest = masked[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // A password in which such a character was not encoded ends behind it.
        let login = authority.contains("@") ? authority : rest
        guard let at = login.lastIndex(of: "@"), let colon = login[..<at].firstIndex(of: ":") else { return masked }
        return masked[..<masked.index(after: colon)] + "***" + masked[at...]
    }
}
