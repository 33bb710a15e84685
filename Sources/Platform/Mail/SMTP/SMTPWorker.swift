/// Hands over message after message on one thread, over one connection at a time.
final class SMTPWorker {
    /// How long QUIT's answer is awaited: nothing depends on it.
    private static let goodbyeTimeout = Duration.seconds(1)

    private let settings: SMTPSettings
    private let abandoned: AbandonFlag
    private var kept: (connection: SMTPConnection, session: SMTPSession, since: ContinuousClock.Instant)?

    init(_ settings: SMTPSettings, abandoned: AbandonFlag) {
        self.settings = settings
        self.abandoned = abandoned
    }

    /// Brings one message to its outcome.
    func handOver(_ job: SMTPJob) -> SMTPOutcome {
        guard job.deadline.left > .zero else { return .temporary("no connection became free in time", nil) }
        if let outcome = handOverKept(job) { return outcome }
        do {
            let connection = try SMTPConnection(settings, abandoned: abandoned, deadline: job.deadline)
            let session = SMTPSession(isPipelining: connection.isPipelining)
            return converse(job, connection, session, isStale: false)
                ?? .temporary("the server closed the connection repeatedly", nil)
        } catch {
            return error.outcome
        }
    }

    /// Connects, logs in where credentials are set, and says QUIT; why that failed, or nil.
    func logIn() -> SMTPOutcome? {
        do throws(ConnectFailure) {
            let connection = try SMTPConnection(
                settings, abandoned: abandoned, deadline: Deadline(after: settings.replyTimeout))
            kept = (connection, SMTPSession(isPipelining: connection.isPipelining), .now)
            close()
            return nil
        } catch { return error.outcome }
    }

    /// Says QUIT, and closes.
    func close() {
        guard let (connection, conversation, _) = kept.take() else { return }
        var session = conversation
        guard case .send(let bytes) = session.quit() else { return }
        let deadline = Deadline(after: Self.goodbyeTimeout)
        guard (try? connection.write(bytes, deadline: deadline)) == true else { return }
        _ = try? connection.reply(deadline: deadline)
    }

    /// nil if there is no kept connection, or it had gone stale.
    private func handOverKept(_ job: SMTPJob) -> SMTPOutcome? {
        if let count = kept?.session.count, count >= settings.messagesPerConnectionMaximum { close() }
        guard let (connection, session, since) = kept.take(), !connection.hasNews else { return nil }
        let isStale = since.duration(to: .now) > settings.idleUncheckedMaximum
        return converse(job, connection, session, isStale: isStale)
    }

    /// One message over one connection, which is kept if it can be; nil: start over on a fresh one.
    private func converse(
        _ job: SMTPJob, _ connection: SMTPConnection, _ start: SMTPSession, isStale: Bool
    ) -> SMTPOutcome? {
        var session = start
        var action = session.begin(job.envelope, isStale: isStale)
        while true {
            do throws(SMTPFailure) {
                switch action {
                case .send(let bytes):
                    _ = try connection.write(bytes, deadline: replyDeadline(job))
                    action = session.received(try connection.reply(deadline: replyDeadline(job)))
                case .read:
                    action = session.received(try connection.reply(deadline: replyDeadline(job)))
                case .sendBody:
                    action = try sendBody(job, connection, &session)
                case .finish(let outcome, let fate):
                    if fate == .kept { kept = (connection, session, .now) }
                    return outcome
                case .startOver, .close:
                    return nil
                }
            } catch {
                action = session.failed(error)
            }
        }
    }

    /// The body, then, if the server has said nothing before it is all there, the dot.
    private func sendBody(
        _ job: SMTPJob, _ connection: SMTPConnection, _ session: inout SMTPSession
    ) throws(SMTPFailure) -> SMTPSession.Action {
        let isWhole = try connection.write(job.body, interruptible: true, deadline: job.deadline)
        if !isWhole || connection.hasNews {
            return session.received(try connection.reply(deadline: replyDeadline(job)))
        }
        _ = try connection.write(finalDot, deadline: job.deadline)
        return session.bodySent()
    }

    private func replyDeadline(_ job: SMTPJob) -> Deadline { job.deadline.orSooner(after: settings.replyTimeout) }
}
