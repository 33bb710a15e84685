/// A person or program that mail goes to or comes from.
public struct MailAddress: Sendable, Equatable {
    /// The display name, any Unicode text; nil for none.
    public var name: String?
    /// `local@domain`.
    public var address: String
    public init(name: String? = nil, address: String) {
        self.name = name
        self.address = address
    }
}

/// A message to be sent: headers as values, a text and an HTML body.
public struct MailMessage: Sendable, Equatable {
    public var from: MailAddress
    public var to: MailAddress
    public var replyTo: MailAddress?
    public var subject: String
    public var text: String
    public var html: String?
    /// Without angle brackets.
    public var messageID: String
    /// Milliseconds since 1970, UTC.
    public var date: Int64
    /// Further header fields; names and values free of CR, LF and other control characters.
    public var fields: [(name: String, value: String)] = []

    public init(
        from: MailAddress, to: MailAddress, subject: String, text: String, html: String?, messageID: String, date: Int64
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.messageID = messageID
        self.date = date
    }

    public static func == (one: Self, other: Self) -> Bool {
        (try? one.encoded()) == (try? other.encoded())
    }

    /// The message by RFC 5322 and MIME: CRLF lines, RFC 2047 words, multipart/alternative, base64 at 76 columns;
    /// dots are not stuffed yet. Throws where a header value or an address has a control character.
    public func encoded() throws(MailError) -> [UInt8] { fatalError("to be written") }
}

/// What is wrong with a message, or with the way to its server.
public struct MailError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable { case invalidHeader, invalidAddress, invalidURL }
    public let code: Code
    /// Free of personal data.
    public let message: String
    public var description: String { message }
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
