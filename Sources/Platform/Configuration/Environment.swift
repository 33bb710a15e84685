/// The one reader of settings: environment variables, each also as `NAME_FILE` whose content is the value (without
/// the line feed at its end). An empty variable counts as none: that is how compose files leave one out.
public struct Environment: Sendable {
    private let variables: [String: String]

    /// - Parameter variables: the process's environment.
    public init(_ variables: [String: String]) {
        self.variables = variables.filter { !$0.value.isEmpty }
    }

    /// The value, or the setting's default. Throws where `NAME` and `NAME_FILE` are both set, or the file cannot be read.
    public func text(_ setting: Setting) throws(ConfigurationError) -> String? {
        try given(setting.name) ?? setting.defaultValue
    }

    /// The value turned into something by `parse`, which gives nil for what is none; `expected` says in the error what was.
    public func value<Value>(
        _ setting: Setting, expected: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value? {
        guard let text = try text(setting) else { return nil }
        guard let value = parse(text) else {
            throw ConfigurationError(
                name: setting.name, "\(setting.name) is \"\(setting.shown(text))\"; expected is \(expected)")
        }
        return value
    }

    /// The value of a setting that must be there.
    public func required(_ setting: Setting) throws(ConfigurationError) -> String {
        guard let text = try text(setting) else {
            throw ConfigurationError(name: setting.name, "\(setting.name) is not set: \(setting.summary)")
        }
        return text
    }

    /// Every variable that starts with `prefix`, for pass-through properties (`KAFKA_SASL_USERNAME` → `sasl.username`);
    /// `KAFKA_SASL_PASSWORD_FILE` is `sasl.password` with the file's content.
    public func passedThrough(prefix: String, except: [Setting]) throws(ConfigurationError) -> [String: String] {
        let ours = Set(except.flatMap { [$0.name, $0.name + fileSuffix] })
        var properties: [String: String] = [:]
        for name in variables.keys.sorted() where name.hasPrefix(prefix) && !ours.contains(name) {
            let bare = name.hasSuffix(fileSuffix) ? String(name.dropLast(fileSuffix.count)) : name
            guard bare.count > prefix.count else { continue }
            let property = String(bare.dropFirst(prefix.count).lowercased().map { $0 == "_" ? "." : $0 })
            properties[property] = try given(bare)
        }
        return properties
    }

    /// Refuses names within two edits of a known one; returns other unknown names that start with one of `prefixes`.
    public func check(known: [Setting], prefixes: [String]) throws(ConfigurationError) -> [String] {
        let names = Set(known.flatMap { [$0.name, $0.name + fileSuffix] })
        var others: [String] = []
        for name in variables.keys.sorted() where !names.contains(name) {
            if let meant = nearest(to: name, among: names.sorted()) {
                throw ConfigurationError(name: name, "\(name) is no setting; \(meant) was probably meant")
            }
            if prefixes.contains(where: name.hasPrefix) { others.append(name) }
        }
        return others
    }

    /// What holds, a line `NAME=value` each, secrets as `***`; one that has no value as `NAME=`.
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
            throw ConfigurationError(name: name, "\(name) and \(name)_FILE are both set: take one of them away")
        }
        return try contentOfFile(at: path, of: name)
    }
}

private let fileSuffix = "_FILE"
