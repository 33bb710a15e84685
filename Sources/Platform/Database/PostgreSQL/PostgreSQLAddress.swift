/// Where PostgreSQL is, and how it is connected to: what a URL says, read here and not by libpq, whose own message repeats
/// the URL with its password.
struct PostgreSQLAddress: Sendable, Equatable {
    struct Host: Sendable, Equatable {
        /// A name, an address, or the folder of a socket; nil: libpq's own default.
        var name: String?
        /// nil: 5432.
        var port: Int?

        /// Whether the way to it leaves this machine.
        var isRemote: Bool {
            guard let name, !name.hasPrefix("/") else { return false }
            return !(name == "localhost" || name.hasPrefix("127.") || name == "::1")
        }
    }

    private(set) var hosts: [Host]
    private(set) var user: String?
    private(set) var password: String?
    private(set) var database: String?
    /// Further parameters of libpq's, as the URL gives them.
    private(set) var parameters: [String: String] = [:]

    static let example = "postgresql://user:password@host:5432/database"
    /// With the password set apart.
    static let withoutPassword = "postgresql://user@host:5432/database"

    /// - Parameter apart: the user's password, as it is, if the URL names only the user; else nil.
    /// - Throws: ``DatabaseError/Code/denied``, with words that repeat nothing of the URL's but names of parameters.
    init(url: String, password apart: String? = nil) throws(DatabaseError) {
        guard let scheme = ["postgresql://", "postgres://"].first(where: url.hasPrefix) else {
            throw Self.fault("must begin as \(Self.example)")
        }
        guard !url.utf8.contains(0) else { throw Self.fault("holds a byte 0") }
        let parts = url.dropFirst(scheme.count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let place = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var authority = place[0]
        if let at = authority.lastIndex(of: "@") {
            let login = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decoded(login[0], "user")
            if login.count == 2 { password = try Self.decoded(login[1], "password") }
            authority = authority[authority.index(after: at)...]
        }
        hosts = []
        for host in authority.split(separator: ",", omittingEmptySubsequences: false) {
            hosts.append(try Self.host(host))
        }
        if place.count == 2, !place[1].isEmpty { try setDatabase(Self.decoded(place[1], "database")) }
        if parts.count == 2 { try readParameters(parts[1]) }
        if let apart { try setPassword(apart) }
    }

    /// The one password; two, or one without a user, are a mistake that would show only when the server refuses.
    private mutating func setPassword(_ apart: String) throws(DatabaseError) {
        guard password == nil else {
            throw Self.doubt("DATABASE_URL has a password, and DATABASE_PASSWORD is set, too: remove one of them")
        }
        guard user != nil else {
            throw Self.doubt("DATABASE_PASSWORD is set, but DATABASE_URL names no user: write user@ before the host")
        }
        guard !apart.utf8.contains(0) else { throw Self.doubt("DATABASE_PASSWORD holds a byte 0") }
        password = apart
    }

    private static func host(_ text: Substring) throws(DatabaseError) -> Host {
        var (name, port) = (text, Substring())
        if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
            name = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
        } else if let colon = text.lastIndex(of: ":") {
            (name, port) = (text[..<colon], text[colon...])
        }
        if !port.isEmpty {
            guard port.first == ":" else { throw fault("names a host that cannot be one") }
            port.removeFirst()
        }
        return Host(name: try checked(host: decoded(name, "host")), port: try Self.port(port))
    }

    private static func checked(host: String) throws(DatabaseError) -> String? {
        if host.isEmpty { return nil }
        let isFolder = host.hasPrefix("/")
        // Whatever is no name of a host may be a part of a password in which a character was not encoded.
        let isName = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "%"):
                true
            default: false
            }
        }
        guard isFolder || isName else { throw fault("names a host that cannot be one") }
        return host
    }

    private static func port(_ text: Substring) throws(DatabaseError) -> Int? {
        if text.isEmpty { return nil }
        guard text.utf8.count <= 5, let port = UInt16(text), port > 0 else {
            throw fault("has a port that is no number from 1 to 65535")
        }
        return Int(port)
    }

    private mutating func setDatabase(_ name: String) throws(DatabaseError) {
        guard !name.contains(where: { "@/:".contains($0) }) else {
            throw Self.fault("names a database with one of @ / : in it")
        }
        database = name
    }

    private static func decoded(_ text: Substring, _ what: String) throws(DatabaseError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit),
                high | low != 0
            else { throw fault("has a % in its \(what) that two hexadecimal digits must follow, as %25 for %") }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw fault("has a \(what) that is not UTF-8 when its %XX are decoded")
        }
        return decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    fileprivate static func fault(_ what: String) -> DatabaseError {
        doubt("DATABASE_URL \(what); write @ : / ? # % in a user's name or password as %40 %3A %2F %3F %23 %25")
    }

    private static func doubt(_ what: String) -> DatabaseError { DatabaseError(.denied, what, isRetriable: false) }
}

// MARK: Parameters

extension PostgreSQLAddress {
    /// What a parameter's value may be; nil: any text.
    private enum Rule {
        case number
        case oneOf([String])
    }

    /// Those of libpq's that an address may give. The others (`hostaddr`, `client_encoding`, `service` …) are given by
    /// this program, or are in the way of what it says about the address.
    private static let rules: [String: Rule?] = [
        "sslmode": .oneOf(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
        "sslrootcert": nil, "sslcert": nil, "sslkey": nil, "sslpassword": nil, "sslcrl": nil, "sslcrldir": nil,
        "sslsni": .oneOf(["0", "1"]), "ssl_min_protocol_version": .oneOf(["TLSv1.2", "TLSv1.3"]),
        "ssl_max_protocol_version": .oneOf(["TLSv1.2", "TLSv1.3"]),
        "channel_binding": .oneOf(["disable", "prefer", "require"]),
        "target_session_attrs": .oneOf(["any", "read-write", "primary"]),
        "connect_timeout": .number, "keepalives": .oneOf(["0", "1"]), "keepalives_idle": .number,
        "keepalives_interval": .number, "keepalives_count": .number, "tcp_user_timeout": .number,
        "application_name": nil, "options": nil, "passfile": nil, "requirepeer": nil,
        "gssencmode": .oneOf(["disable", "prefer", "require"]), "krbsrvname": nil,
    ]

    private static let known =
        (rules.keys + ["host", "port", "user", "password", "dbname"]).sorted().joined(separator: ", ")

    private mutating func readParameters(_ text: Substring) throws(DatabaseError) {
        var names: [Substring]?
        var ports: [Substring]?
        for pair in text.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw Self.fault("has a parameter without a value after its ?") }
            let name = String(parts[0])
            guard Self.rules[name] != nil || ["host", "port", "user", "password", "dbname"].contains(name) else {
                throw Self.fault("has an unknown parameter; the known ones are \(Self.known)")
            }
            let value = try Self.decoded(parts[1], name)
            switch name {
            case "host": names = Substring(value).split(separator: ",", omittingEmptySubsequences: false)
            case "port": ports = Substring(value).split(separator: ",", omittingEmptySubsequences: false)
            case "user": user = value
            case "password": password = value
            case "dbname": try setDatabase(value)
            default: parameters[name] = try Self.checked(name, value)
            }
        }
        if let names {
            hosts = []
            for name in names { hosts.append(Host(name: try Self.checked(host: String(name)), port: nil)) }
        }
        guard let ports else { return }
        guard ports.count == 1 || ports.count == hosts.count else {
            throw Self.fault("names \(ports.count) ports for \(hosts.count) hosts")
        }
        for index in hosts.indices { hosts[index].port = try Self.port(ports[ports.count == 1 ? 0 : index]) }
    }

    private static func checked(_ name: String, _ value: String) throws(DatabaseError) -> String {
        if name == "sslrootcert", value == "system" {
            throw fault("has sslrootcert=system, which libpq 15 does not know: name a file, as ca-certificates.crt")
        }
        switch rules[name] ?? nil {
        case .number:
            guard value.utf8.count <= 9, UInt32(value) != nil else { throw fault("has a \(name) that is not a number") }
        case .oneOf(let values):
            guard values.contains(value) else {
                throw fault("has an unknown \(name); use one of \(values.joined(separator: ", "))")
            }
        case nil: break
        }
        return value
    }
}

// MARK: What may be shown, and what is given to libpq

extension PostgreSQLAddress: CustomStringConvertible {
    /// Without the password and all parameters.
    var description: String {
        let places = hosts.map { host in
            (host.name.map { $0.contains(":") ? "[\($0)]" : $0 } ?? "") + (host.port.map { ":\($0)" } ?? "")
        }
        return "postgresql://\(user.map { $0 + "@" } ?? "")\(places.joined(separator: ","))"
            + (database.map { "/\($0)" } ?? "")
    }

    /// Milliseconds that one address of a host may take to answer.
    var connectMilliseconds: Int64 {
        let seconds = parameters["connect_timeout"].flatMap(Int64.init) ?? 0
        return (seconds > 0 ? seconds : Self.connectSeconds) * 1000
    }

    private static let connectSeconds: Int64 = 3

    /// What libpq is given for one of the hosts.
    ///
    /// - Parameters:
    ///   - address: the host's address; nil: a socket's folder, or libpq's default.
    ///   - name: what the server calls this program's sessions.
    ///   - options: settings of the session that the server is given at the start; nil behind a pooler, which refuses them.
    ///   - isReading: the session takes no writes, by its own settings.
    func keywords(
        for host: Host, at address: String?, name: String, options: [SessionSettings.Setting]?, isReading: Bool = false
    ) -> [String: String] {
        var keywords = [
            "keepalives": "1", "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3",
            // Milliseconds: what was sent and is not acknowledged for so long has lost the connection.
            "tcp_user_timeout": "10000", "application_name": name, "target_session_attrs": "read-write",
            "gssencmode": "disable",
        ]
        keywords.merge(parameters) { _, own in own }
        if isReading, keywords["target_session_attrs"] == "read-write" { keywords["target_session_attrs"] = "primary" }
        let ours = (options ?? []).map { "-c \($0.name)=\($0.value)" }
        // What is said last holds.
        let all = ours + [parameters["options"]].compactMap { $0 }
        if !all.isEmpty { keywords["options"] = all.joined(separator: " ") }
        keywords["client_encoding"] = "UTF8"
        keywords["host"] = host.name
        keywords["hostaddr"] = address
        keywords["port"] = host.port.map(String.init)
        keywords["user"] = user
        keywords["password"] = password
        keywords["dbname"] = database
        return keywords
    }

    /// Whether the way to one of the hosts leaves this machine.
    var isRemote: Bool { hosts.contains(where: \.isRemote) }
}
