@testable import Mail

extension FuzzTarget {
    /// A mail server's bytes, after a byte of choices: cut into replies within bounds, each reply short and printable,
    /// and a message talked through with them ends in an outcome that they bear out.
    static let smtp = FuzzTarget(name: "smtp") { bytes throws(Broken) in
        var input = Input(bytes)
        let choices = input.byte()
        try greetingIsBounded(Array(input.rest))
        let replies = try replies(input.rest)
        var talk = Talk(isPipelining: choices & 1 == 1, speaksEarly: choices & 2 == 2)
        for reply in replies where !talk.isOver { try talk.received(reply) }
        try talk.ends(timedOut: choices & 4 == 4)
    }

    private static func replies(_ bytes: ArraySlice<UInt8>) throws(Broken) -> [SMTPReply] {
        var parser = SMTPReplyParser()
        var replies: [SMTPReply] = []
        for byte in bytes {
            do throws(SMTPReplyError) {
                guard let reply = try parser.take(byte) else { continue }
                replies.append(reply)
            } catch { break }
            try promise("nothing is left of an ended reply", !parser.isInsideReply)
        }
        for reply in replies {
            try promise("a code has three digits", 200...599 ~= reply.code)
            try promise("lines have a bound", 1...SMTPReplyParser.linesMaximum ~= reply.lines.count)
            for line in reply.lines {
                let scalars = line.unicodeScalars
                try promise("a line is clipped", scalars.count <= SMTPReplyParser.lineClippedAt)
                try promise("a line can be shown", scalars.allSatisfy { $0.properties.generalCategory != .control })
            }
        }
        return replies
    }

    private static func greetingIsBounded(_ bytes: [UInt8]) throws(Broken) {
        let greeting = SMTPGreeting()
        var isTaken = true
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false) where isTaken {
            isTaken = greeting.take(line + [13, 10])
        }
        let kept = greeting.lines.reduce(0) { $0 + $1.utf8.count }
        try promise("a greeting has a bound", kept <= SMTPGreeting.bytesMaximum)
        try promise("a flood is noticed", isTaken != greeting.isFlooded)
        _ = greeting.offers("PIPELINING")
        guard let reply = greeting.lastReply else { return }
        for line in reply.lines {
            try promise("a line of it is clipped", line.count <= SMTPReplyParser.lineClippedAt)
            try promise(
                "a line of it can be shown",
                line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
    }
}

/// One message, talked through with whatever the server says.
private struct Talk {
    private var session: SMTPSession
    private var isBodyHandedOver = false
    private let speaksEarly: Bool
    private(set) var isOver = false

    init(isPipelining: Bool, speaksEarly: Bool) {
        session = SMTPSession(isPipelining: isPipelining)
        self.speaksEarly = speaksEarly
        _ = session.begin(SMTPSession.Envelope(sender: "a@a.example", recipient: "b@b.example"))
    }

    mutating func received(_ reply: SMTPReply) throws(Broken) {
        try follow(session.received(reply), reply)
    }

    /// The server says nothing more.
    mutating func ends(timedOut: Bool) throws(Broken) {
        guard !isOver else { return }
        try follow(session.failed(timedOut ? .timedOut : .closed), nil)
        try promise("silence ends a message", isOver)
    }

    private mutating func follow(_ action: SMTPSession.Action, _ reply: SMTPReply?) throws(Broken) {
        switch action {
        case .send(let bytes):
            try promise("a command is a line", bytes.suffix(2) == [13, 10])
        case .read: break
        case .sendBody:
            guard !speaksEarly else { break }
            isBodyHandedOver = true
            _ = session.bodySent()
        case .finish(let outcome, let fate):
            isOver = true
            try judge(outcome, reply)
            try promise("a connection is kept where it can be used", (fate == .kept) != (session.state == .ended))
        case .startOver, .close: throw Broken(promise: "the first message of a connection comes to an outcome")
        }
    }

    private func judge(_ outcome: SMTPOutcome, _ reply: SMTPReply?) throws(Broken) {
        switch outcome {
        case .accepted(let last):
            try promise("accepted is the whole body, and 2yz after it", isBodyHandedOver && last.code / 100 == 2)
            try promise("by the reply that came last", last == reply)
        case .permanent(let refusal): try promise("never is 5yz", refusal.code / 100 == 5)
        case .temporary(_, let refusal):
            try promise("for now is not 2yz after the body", !isBodyHandedOver || refusal != nil)
        case .exhausted(_, let refusal):
            try promise("an allowance is refused, by a server that goes on", [4, 5].contains(refusal.code / 100))
        case .configuration(_, let refusal):
            try promise("a sender is refused for good by 5yz", refusal.map { $0.code / 100 } == 5)
        case .unknown: try promise("unknown is after the whole body", isBodyHandedOver)
        }
    }
}
