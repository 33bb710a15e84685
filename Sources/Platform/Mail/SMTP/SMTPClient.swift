import Dispatch
import Primitives
import Synchronization

/// Hands messages to one SMTP server over a few kept connections, each on a thread of its own.
public final class SMTPClient: Sendable {
    let settings: SMTPSettings
    private let state = Mutex(SMTPQueue())
    /// Signalled once for each sleeping thread that is to wake.
    private let wakeUp = DispatchSemaphore(value: 0)

    public init(_ settings: SMTPSettings) { self.settings = settings }

    /// Hands over one message; waits for a free connection if need be.
    ///
    /// - Parameter time: how long it may take in all; nil: ``SMTPSettings/messageTimeout``.
    /// - Throws: ``MailError`` if the message cannot be encoded. What the server says is in the outcome.
    public func send(_ message: MailMessage, within time: Duration? = nil) async throws(MailError) -> SMTPOutcome {
        let body = dotStuffed(try message.encoded())
        let envelope = SMTPSession.Envelope(sender: message.from.address, recipient: message.to.address)
        let deadline = Deadline(after: time ?? settings.messageTimeout)
        return await withCheckedContinuation { waiter in
            enqueue(SMTPJob(envelope: envelope, body: body, deadline: deadline) { waiter.resume(returning: $0) })
        }
    }

    /// Lets messages under way finish (at most `timeout`), then closes the connections. Those that still wait for one
    /// are answered ``SMTPOutcome/temporary(_:_:)``.
    public func close(timeout: Duration) async {
        let (unsent, sleepers) = state.withLock { $0.close() }
        for job in unsent { job.finish(.temporary("closing", nil)) }
        for _ in 0..<sleepers { wakeUp.signal() }
        let abandoning = Task { [self] in
            try await Task.sleep(for: timeout)
            for flag in state.withLock({ Array($0.threads.values) }) { flag.set() }
        }
        await withCheckedContinuation { waiter in
            if state.withLock({ $0.isEnded(orResume: waiter) }) { waiter.resume() }
        }
        abandoning.cancel()
    }

    private func enqueue(_ job: SMTPJob) {
        switch state.withLock({ $0.add(job, settings) }) {
        case .waits: break
        case .wakesThread: wakeUp.signal()
        case .needsThread(let flag):
            guard !startThreadIfPossible("smtp", { [self] in serve(flag) }) else { return }
            for job in state.withLock({ $0.threadMissing(flag) }) {
                job.finish(.temporary("no thread could be started for the mail server", nil))
            }
        case .refused(let why): job.finish(.temporary(why, nil))
        }
    }

    /// A thread's life: message after message, until none has come for long or the client closes.
    private func serve(_ flag: AbandonFlag) {
        let worker = SMTPWorker(settings, abandoned: flag)
        var ended: [CheckedContinuation<Void, Never>]?
        while ended == nil {
            while let job = nextJob() { job.finish(worker.handOver(job)) }
            worker.close()
            ended = state.withLock { $0.threadEnds(flag) }
        }
        for waiter in ended ?? [] { waiter.resume() }
    }

    /// The next message; nil: the thread is to end.
    private func nextJob() -> SMTPJob? {
        while true {
            switch state.withLock({ $0.next() }) {
            case .job(let job): return job
            case .end: return nil
            case .sleep: break
            }
            if wakeUp.wait(timeout: .now() + .milliseconds(settings.idleTimeout.milliseconds)) == .success {
                state.withLock { $0.woken() }
            } else if state.withLock({ $0.sleptOut() }) {
                return nil
            } else {
                // Someone was waking this thread just then; the signal is there, or is about to be.
                wakeUp.wait()
                state.withLock { $0.woken() }
            }
        }
    }
}
