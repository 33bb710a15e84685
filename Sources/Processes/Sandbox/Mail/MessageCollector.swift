/// The lines after DATA, up to the single dot.
struct MessageCollector {
    enum Progress { case goesOn, end }
    /// With CR LF (RFC 5321 §4.5.3.1.6), a stuffed dot not counted.
    static let lineMaximum = 1_000

    private(set) var bytes: [UInt8] = []
    var isLineTooLong = false
    private var hasBareLineFeed = false
    private var isTooLarge = false

    /// A line with its line feed.
    mutating func add(_ line: ArraySlice<UInt8>) -> Progress {
        let dot = UInt8(ascii: ".")
        // Only CR LF . CR LF ends a message: accepting a bare line feed would allow SMTP smuggling.
        if line.elementsEqual([dot, 13, 10]) { return .end }
        var line = line
        if line.first == dot { line.removeFirst() }
        if line.count < 2 || line[line.endIndex - 2] != 13 || line.dropLast(2).contains(13) { hasBareLineFeed = true }
        if line.count > Self.lineMaximum { isLineTooLong = true }
        if bytes.count + line.count > SMTPConversation.messageMaximum {
            isTooLarge = true
            bytes = []
        }
        if !isTooLarge { bytes += line }
        return .goesOn
    }

    /// Why the message is refused; nil if it is accepted.
    var refusal: String? {
        if isTooLarge { return "552 5.3.4 larger than \(SMTPConversation.messageMaximum) bytes" }
        if hasBareLineFeed { return "550 5.6.11 a bare CR or LF in the message" }
        if isLineTooLong { return "550 5.6.0 a line longer than \(Self.lineMaximum - 2) bytes" }
        return nil
    }
}
