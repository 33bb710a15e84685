/// A reply of the server.
public struct SMTPReply: Sendable, Equatable, CustomStringConvertible {
    /// Three digits, as 250.
    public var code: Int
    /// The lines without their codes, each clipped.
    public var lines: [String]
    public init(code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }
    public var description: String { "\(code) \(lines.joined(separator: " "))" }

    /// 2yz: done.
    var isPositive: Bool { code / 100 == 2 }
    /// 4yz: not now.
    var isTransient: Bool { code / 100 == 4 }
    /// 5yz: never.
    var isPermanent: Bool { code / 100 == 5 }
    /// The server closes the connection after this (RFC 5321 §3.8).
    var isClosing: Bool { code == 421 }
    /// RFC 4954 §6: authentication is missing, too weak, or was refused.
    var isAboutAuthentication: Bool { [530, 534, 535, 538].contains(code) }
}
