/// A request to another server.
public struct ClientRequest: Sendable {
    public var method: Method
    /// `http://` or `https://`, absolute.
    public var url: String
    public var fields: HeaderFields
    public var body: [UInt8]
    /// From the call to the last byte of the answer.
    public var timeout: Duration
    /// In bytes; a longer (decoded) answer is ``ClientError/Code/answerTooLarge``.
    public var answerBytesMaximum: Int

    public init(
        _ method: Method, _ url: String, fields: HeaderFields = [:], body: [UInt8] = [],
        timeout: Duration = .seconds(10), answerBytesMaximum: Int = 1 << 20
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.timeout = timeout
        self.answerBytesMaximum = answerBytesMaximum
    }
}

extension ClientRequest {
    /// The address's host, which may be shown in messages; paths and queries may hold secrets.
    var host: String {
        let rest = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).dropFirst(2).first ?? ""
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return String(authority.split(separator: "@").last ?? "")
    }

    /// What is wrong with the request; the library below checks none of it, and a line break in a value would begin
    /// another field.
    var fault: String? {
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), !host.isEmpty else {
            return "the address is not an absolute http or https address"
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            return "the address has a space or a control character"
        }
        guard Self.isToken(method.name) else { return "the method is not a token" }
        var fault: String?
        fields.forEach { name, value in
            if !Self.isToken(String(decoding: name, as: UTF8.self)) {
                fault = "a header field's name has a character that names must not have"
            } else if !value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) {
                fault = "the header field \(String(decoding: name, as: UTF8.self)) has a control character in its value"
            }
        }
        return fault
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(HeadInspection.isTokenByte)
    }

    /// Whether the method only reads, so that repeating it changes nothing.
    var isSafe: Bool {
        switch method {
        case .get, .head, .options: true
        case .post, .put, .patch, .delete, .other: false
        }
    }
}
