/// A message to be sent: headers as values, a text and an HTML body.
public struct MailMessage: Sendable, Equatable {
    public var from: MailAddress
    public var to: MailAddress
    /// nil: answers go to ``from``.
    public var replyTo: MailAddress?
    public var subject: String
    /// The plain text, with any line ends.
    public var text: String
    /// The HTML alternative; nil if there is only text.
    public var html: String?
    /// Without angle brackets.
    public var messageID: String
    /// Milliseconds since 1970, UTC.
    public var date: Int64
    /// Further header fields; names and values without CR, LF and other control characters.
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
}
