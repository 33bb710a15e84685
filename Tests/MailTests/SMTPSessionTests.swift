import Testing

@testable import Mail

private typealias Action = SMTPSession.Action

private let envelope = SMTPSession.Envelope(sender: "shop@a.b", recipient: "buyer@c.d")

private func command(_ text: String) -> Action { .send(Array((text + "\r\n").utf8)) }

private func reply(_ code: Int) -> SMTPReply { SMTPReply(code: code, lines: ["said \(code)"]) }

private let mail = command("MAIL FROM:<shop@a.b>")
private let rcpt = command("RCPT TO:<buyer@c.d>")
private let data = command("DATA")
private let group = command("MAIL FROM:<shop@a.b>\r\nRCPT TO:<buyer@c.d>\r\nDATA")

/// What comes of feeding these replies to a session that has begun a message; the last action.
private func last(_ session: inout SMTPSession, _ codes: Int...) -> Action {
    var action = Action.close
    for code in codes { action = session.received(reply(code)) }
    return action
}

/// A session that has brought one message to its end and is kept.
private func used(isPipelining: Bool) -> SMTPSession {
    var session = SMTPSession(isPipelining: isPipelining)
    _ = session.begin(envelope)
    _ = last(&session, 250, 250, 354)
    _ = session.bodySent()
    #expect(last(&session, 250) == .finish(.accepted(reply(250)), connection: .kept))
    return session
}

@Suite("A conversation by events and actions")
struct SMTPSessionTests {
    @Test("one message without PIPELINING: each command after the other's reply")
    func plain() {
        var session = SMTPSession(isPipelining: false)
        #expect(session.begin(envelope) == mail)
        #expect(session.received(reply(250)) == rcpt)
        #expect(session.received(reply(250)) == data)
        #expect(session.received(reply(354)) == .sendBody)
        #expect(session.bodySent() == .read)
        #expect(session.received(reply(250)) == .finish(.accepted(reply(250)), connection: .kept))
        #expect(session.begin(envelope) == mail)
    }

    @Test("one message with PIPELINING: three commands together, a reply each")
    func pipelined() {
        var session = SMTPSession(isPipelining: true)
        #expect(session.begin(envelope) == group)
        #expect(session.received(reply(250)) == .read)
        #expect(session.received(reply(251)) == .read)
        #expect(session.received(reply(354)) == .sendBody)
        #expect(session.bodySent() == .read)
        #expect(session.received(reply(251)) == .finish(.accepted(reply(251)), connection: .kept))
    }

    @Test(
        "a 4yz is temporary wherever it comes; a 5yz is the account's at MAIL, the message's from RCPT on",
        arguments: [false, true], [451, 452, 550, 554])
    func refusals(isPipelining: Bool, code: Int) {
        let expected = SMTPRefusal(.recipient, reply(code)).outcome
        #expect(
            expected
                == (code < 500 ? .temporary("the server refused it for now", reply(code)) : .permanent(reply(code))))
        var atMail = SMTPSession(isPipelining: isPipelining)
        _ = atMail.begin(envelope)
        #expect(
            (isPipelining ? last(&atMail, code, 503, 503) : last(&atMail, code))
                == .finish(SMTPRefusal(.sender, reply(code)).outcome, connection: .kept))
        var atRecipient = SMTPSession(isPipelining: isPipelining)
        _ = atRecipient.begin(envelope)
        #expect(
            (isPipelining ? last(&atRecipient, 250, code, 503) : last(&atRecipient, 250, code))
                == .finish(expected, connection: .kept))
        var atData = SMTPSession(isPipelining: isPipelining)
        _ = atData.begin(envelope)
        #expect(last(&atData, 250, 250, code) == .finish(expected, connection: .kept))
        var atDot = SMTPSession(isPipelining: isPipelining)
        _ = atDot.begin(envelope)
        _ = last(&atDot, 250, 250, 354)
        _ = atDot.bodySent()
        #expect(last(&atDot, code) == .finish(expected, connection: .kept))
        for var session in [atMail, atRecipient, atData, atDot] {
            #expect(session.begin(envelope) == command("RSET"), "a refused transaction is reset before the next")
            #expect(session.received(reply(250)) == (isPipelining ? group : mail))
        }
    }

    @Test("a recipient accepted after a refused sender does not turn the refusal")
    func firstRefusalCounts() {
        var session = SMTPSession(isPipelining: true)
        _ = session.begin(envelope)
        #expect(
            last(&session, 451, 250, 554)
                == .finish(.temporary("the server refused it for now", reply(451)), connection: .kept))
    }

    @Test("354 for a refused recipient is ended with a dot, and its verdict changes nothing")
    func emptyMessage() {
        for verdict in [250, 554] {
            var session = SMTPSession(isPipelining: true)
            _ = session.begin(envelope)
            #expect(last(&session, 250, 550, 354) == command("."))
            #expect(session.received(reply(verdict)) == .finish(.permanent(reply(550)), connection: .kept))
        }
    }

    @Test("what is about authentication is a matter of configuration", arguments: [530, 534, 535, 538])
    func authentication(code: Int) {
        var session = SMTPSession(isPipelining: false)
        _ = session.begin(envelope)
        #expect(
            session.received(reply(code))
                == .finish(.configuration("the server requires (other) credentials", reply(code)), connection: .kept))
    }

    @Test("421 is temporary and ends the connection", arguments: 0...3)
    func closing(step: Int) {
        var session = SMTPSession(isPipelining: false)
        _ = session.begin(envelope)
        for code in [250, 250, 354].prefix(step) { _ = session.received(reply(code)) }
        if step == 3 { _ = session.bodySent() }
        #expect(
            session.received(reply(421))
                == .finish(.temporary("the server refused it for now", reply(421)), connection: .dropped))
    }

    @Test("a kept connection that has gone stale is replaced, before the body only")
    func stale() {
        for isPipelining in [false, true] {
            for steps in 0...2 {
                var closed = used(isPipelining: isPipelining)
                _ = closed.begin(envelope)
                for _ in 0..<steps { _ = closed.received(reply(250)) }
                var saidSo = closed
                #expect(closed.failed(.closed) == .startOver)
                #expect(saidSo.received(reply(421)) == .startOver)
            }
            var session = used(isPipelining: isPipelining)
            _ = session.begin(envelope)
            _ = last(&session, 250, 250, 354)
            guard case .finish(.temporary, connection: .dropped) = session.failed(.closed) else {
                Issue.record("the body had begun")
                continue
            }
        }
    }

    @Test("a connection that lay idle is asked first, and replaced when it does not answer")
    func idle() {
        var session = used(isPipelining: true)
        #expect(session.begin(envelope, isStale: true) == command("RSET"))
        var refused = session
        var silent = session
        #expect(session.received(reply(250)) == group)
        #expect(refused.received(reply(421)) == .startOver)
        #expect(silent.failed(.timedOut) == .startOver)
    }

    @Test("a fresh connection is not replaced, or it would be for ever")
    func fresh() {
        var session = SMTPSession(isPipelining: false)
        _ = session.begin(envelope)
        #expect(
            session.failed(.closed)
                == .finish(.temporary("the server closed the connection", nil), connection: .dropped))
    }

    @Test(
        "no reply before the body is handed over: temporary",
        arguments: [
            SMTPFailure.closed, .timedOut, .broken("x"), .reply(.malformed), .reply(.lineTooLong),
            .reply(.tooManyLines),
        ])
    func failuresBefore(failure: SMTPFailure) {
        for steps in 0...3 {
            var session = SMTPSession(isPipelining: false)
            _ = session.begin(envelope)
            for code in [250, 250, 354].prefix(steps) { _ = session.received(reply(code)) }
            guard case .finish(.temporary(let why, nil), connection: .dropped) = session.failed(failure) else {
                Issue.record("step \(steps)")
                continue
            }
            #expect(why.contains(failure.why))
        }
    }

    @Test(
        "no reply after the body was handed over whole: unknown, and only then",
        arguments: [
            SMTPFailure.closed, .timedOut, .broken("x"), .reply(.malformed),
        ])
    func failuresAfter(failure: SMTPFailure) {
        var session = SMTPSession(isPipelining: true)
        _ = session.begin(envelope)
        _ = last(&session, 250, 250, 354)
        _ = session.bodySent()
        guard case .finish(.unknown, connection: .dropped) = session.failed(failure) else {
            Issue.record("it may have been accepted")
            return
        }
    }

    @Test("a refusal that is known is not forgotten when the connection goes")
    func refusalThenClosed() {
        var session = SMTPSession(isPipelining: true)
        _ = session.begin(envelope)
        #expect(last(&session, 250, 550) == .read)
        #expect(session.failed(.closed) == .finish(.permanent(reply(550)), connection: .dropped))
    }

    @Test("an answer before the body is whole counts as a refusal or as nothing, never as acceptance")
    func early() {
        for (code, expected) in [
            (552, SMTPOutcome.permanent(reply(552))), (452, .temporary("the server refused it for now", reply(452))),
            (250, .temporary("the server answered before the message was handed over", reply(250))),
        ] {
            var session = SMTPSession(isPipelining: false)
            _ = session.begin(envelope)
            _ = last(&session, 250, 250, 354)
            #expect(session.received(reply(code)) == .finish(expected, connection: .dropped))
        }
    }

    @Test("an odd code never counts as acceptance", arguments: [354, 334])
    func odd(code: Int) {
        for steps in 0...1 {
            var session = SMTPSession(isPipelining: false)
            _ = session.begin(envelope)
            for _ in 0..<steps { _ = session.received(reply(250)) }
            guard case .finish(.temporary, connection: .dropped) = session.received(reply(code)) else {
                Issue.record("step \(steps)")
                continue
            }
        }
        var session = SMTPSession(isPipelining: false)
        _ = session.begin(envelope)
        _ = last(&session, 250, 250, 354)
        _ = session.bodySent()
        guard case .finish(.unknown, connection: .dropped) = session.received(reply(code)) else {
            Issue.record("the body was handed over")
            return
        }
    }

    @Test("QUIT is said between messages, and its answer ends everything")
    func quit() {
        var session = used(isPipelining: true)
        #expect(session.quit() == command("QUIT"))
        #expect(session.received(reply(221)) == .close)
        var silent = used(isPipelining: true)
        _ = silent.quit()
        #expect(silent.failed(.timedOut) == .close)
    }

    /// Every sequence of replies up to six long, in every place, ends or asks for more, and acceptance needs 354, the
    /// whole body and 2yz.
    @Test("no sequence of replies is without a meaning", arguments: [false, true])
    func everySequence(isPipelining: Bool) {
        let codes = [250, 354, 421, 451, 550, 535, 334]
        var accepted = 0
        for number in 0..<(0..<5).reduce(1, { product, _ in product * codes.count }) {
            var session = SMTPSession(isPipelining: isPipelining)
            var action = session.begin(envelope)
            var rest = number
            var wasBodySent = false
            steps: for _ in 0..<5 {
                if action == .sendBody {
                    action = session.bodySent()
                    wasBodySent = true
                }
                let code = codes[rest % codes.count]
                rest /= codes.count
                action = session.received(reply(code))
                if case .finish(let outcome, _) = action {
                    if case .accepted = outcome {
                        accepted += 1
                        #expect(wasBodySent && code == 250)
                    }
                    if case .unknown = outcome { #expect(wasBodySent) }
                    break steps
                }
            }
        }
        #expect(accepted > 0)
    }
}
