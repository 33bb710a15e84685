/// The one reader of settings: environment variables, each also as `NAME_FILE` whose content is the value (without the
/// line feed at its end). An empty variable counts as not set: that is how compose files leave one out.
public struct Environment: Sendable {
    private let variables: [String: String]

    /// - Parameter variables: the process's environment.
    public init(_ variables: [String: String]) {
        self.variables = variables.filter { !$0.value.isEmpty }
    }

    /// The value, or the setting's default; nil if there is neither.
    ///
    /// - Throws: ``ConfigurationError`` if `NAME` and `NAME_FILE` are both set, or the file cannot be read.
    public func text(_ setting: Setting) throws(ConfigurationError) -> String? {
        try given(setting.name) ?? setting.defaultValue
    }

    /// The value, parsed; nil if the setting has neither a value nor a default.
    ///
    /// - Parameters:
    ///   - expected: what is valid, for the error: "a number from 1 to 10".
    ///   - parse: gives nil for an invalid value.
    /// - Throws: ``ConfigurationError`` if the value is invalid or cannot be read.
    public func value<Value>(
        _ setting: Setting, expected: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value? {
        guard let text = try text(setting) else { return nil }
        guard let value = parse(text) else {
            throw ConfigurationError(
                name: setting.name, "\(setting.name) is \"\(setting.shown(text))\"; expected \(expected)")
        }
        return value
    }

    /// The value of a setting that is required.
    ///
    /// - Throws: ``ConfigurationError`` if it is not set, or cannot be read.
    public func required(_ setting: Setting) throws(ConfigurationError) -> String {
        guard let text = try text(setting) else {
            throw ConfigurationError(name: setting.name, "\(setting.name) is not set: \(setting.summary)")
        }
        return text
    }

    /// The variables that start with `prefix` and name a property of a library, by its own names: `KAFKA_SASL_USERNAME`
    /// is `sasl.username`, `KAFKA_SASL_PASSWORD_FILE` is `sasl.password` with the file's content.
    ///
    /// - Parameter isKnown: whether the library has this property. Other variables with the prefix may belong to
    ///   anyone, such as those that Kubernetes sets for a service called kafka: they are neither read nor refused here.
    /// - Throws: ``ConfigurationError`` if a file cannot be read.
    public func passedThrough(
        prefix: String, except: [Setting], isKnown: (String) -> Bool
    ) throws(ConfigurationError) -> [String: String] {
        let ours = Set(except.flatMap { [$0.name, $0.name + fileSuffix] })
        var properties: [String: String] = [:]
        for name in variables.keys.sorted() where name.hasPrefix(prefix) && !ours.contains(name) {
            let bare = name.hasSuffix(fileSuffix) ? String(name.dropLast(fileSuffix.count)) : name
            let property = String(bare.dropFirst(prefix.count).lowercased().map { $0 == "_" ? "." : $0 })
            if isKnown(property) { properties[property] = try given(bare) }
        }
        return properties
    }

    /// Refuses names within two edits of a known one; returns other unknown names with a prefix of ours.
    ///
    /// - Parameter known: the settings, and the properties of libraries that may be given, as variables.
    /// - Throws: ``ConfigurationError`` for a name that is almost a known one, with the suggestion.
    public func check(known: [String]) throws(ConfigurationError) -> [String] {
        let names = Set(known.flatMap { [$0, $0 + fileSuffix] })
        let candidates = names.sorted()
        let prefixes = Set(known.map { $0.prefix { $0 != "_" } + "_" })
        var others: [String] = []
        for name in variables.keys.sorted() where !names.contains(name) {
            if let meant = nearest(to: name, among: candidates) {
                throw ConfigurationError(name: name, "unknown setting \(name); did you mean \(meant)?")
            }
            if prefixes.contains(where: name.hasPrefix) { others.append(name) }
        }
        return others
    }

    /// A copy in which some settings have other values, however they were given; nil: not set.
    public func replacing(_ values: [(Setting, String?)]) -> Environment {
        var variables = variables
        for (setting, value) in values {
            variables[setting.name] = value
            variables[setting.name + fileSuffix] = nil
        }
        return Environment(variables)
    }

    /// The effective settings, a line `NAME=value` each, secrets as `***`; one without a value as `NAME=`.
    ///
    /// - Throws: ``ConfigurationError`` if a value cannot be read.
    public func listing(_ settings: [Setting]) throws(ConfigurationError) -> [String] {
        var lines: [String] = []
        for setting in settings {
            lines.append("\(setting.name)=\(try text(setting).map(setting.shown) ?? "")")
        }
        return lines
    }

    private func given(_ name: String) throws(ConfigurationError) -> String? {
        guard let path = variables[name + fileSuffix] else { return variables[name] }
        guard variables[name] == nil else {
            throw ConfigurationError(name: name, "\(name) and \(name)_FILE are both set: remove one of them")
        }
        return try contentOfFile(at: path, of: name)
    }
}

private let fileSuffix = "_FILE"
