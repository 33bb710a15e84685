/// A message waiting for its connection.
struct SMTPJob: Sendable {
    let envelope: SMTPSession.Envelope
    /// Dots stuffed, without the final one.
    let body: [UInt8]
    let deadline: Deadline
    let finish: @Sendable (SMTPOutcome) -> Void
}

/// Which messages wait, and which threads: a pure state machine behind the client's lock.
struct SMTPQueue {
    /// What becomes of a new message.
    enum Place {
        /// A busy thread will take it.
        case waits
        /// The caller signals.
        case wakesThread
        /// The caller starts one.
        case needsThread(AbandonFlag)
        case refused(String)
    }

    /// What a thread does next.
    enum Turn {
        case job(SMTPJob)
        case sleep, end
    }

    private(set) var threads: [ObjectIdentifier: AbandonFlag] = [:]
    private var waiting = Fifo<SMTPJob>()
    /// Threads that sleep and that nobody has signalled.
    private var sleeping = 0
    /// Signals under way to threads.
    private var signalled = 0
    private var isClosed = false
    private var whenEnded: [CheckedContinuation<Void, Never>] = []

    mutating func add(_ job: SMTPJob, _ settings: SMTPSettings) -> Place {
        if isClosed { return .refused("closing") }
        guard waiting.count < settings.waitingMaximum else {
            return .refused("\(settings.waitingMaximum) messages wait for a connection already")
        }
        waiting.append(job)
        if sleeping > 0 {
            sleeping -= 1
            signalled += 1
            return .wakesThread
        }
        guard threads.count < settings.connectionsMaximum else { return .waits }
        let flag = AbandonFlag()
        threads[ObjectIdentifier(flag)] = flag
        return .needsThread(flag)
    }

    /// A thread asks for work.
    mutating func next() -> Turn {
        if isClosed { return .end }
        if let job = waiting.popFirst() { return .job(job) }
        sleeping += 1
        return .sleep
    }

    /// A thread has taken a signal.
    mutating func woken() { signalled -= 1 }

    /// A thread has slept for as long as it may. True: it ends; false: a signal is under way to it.
    mutating func sleptOut() -> Bool {
        guard sleeping > 0 else { return false }
        sleeping -= 1
        return true
    }

    /// Accepts no more messages; returns those that wait, and how many signals to give.
    mutating func close() -> (unsent: [SMTPJob], sleepers: Int) {
        isClosed = true
        var unsent: [SMTPJob] = []
        while let job = waiting.popFirst() { unsent.append(job) }
        defer {
            signalled += sleeping
            sleeping = 0
        }
        return (unsent, sleeping)
    }

    /// Whether all threads have ended; if not, the waiter is kept and given back by the last one's end.
    mutating func isEnded(orResume waiter: CheckedContinuation<Void, Never>) -> Bool {
        if threads.isEmpty { return true }
        whenEnded.append(waiter)
        return false
    }

    /// A thread has closed its connection. nil: a message came meanwhile that no other thread may take, so it goes on;
    /// else who waits for the last one's end.
    mutating func threadEnds(_ flag: AbandonFlag) -> [CheckedContinuation<Void, Never>]? {
        guard isClosed || waiting.count == 0 else { return nil }
        threads[ObjectIdentifier(flag)] = nil
        guard threads.isEmpty else { return [] }
        defer { whenEnded = [] }
        return whenEnded
    }

    /// The system gave no thread; returns the messages that nobody will take.
    mutating func threadMissing(_ flag: AbandonFlag) -> [SMTPJob] {
        threads[ObjectIdentifier(flag)] = nil
        var unsent: [SMTPJob] = []
        while threads.isEmpty, let job = waiting.popFirst() { unsent.append(job) }
        return unsent
    }
}

/// First in, first out, in constant time each.
private struct Fifo<Element> {
    private var incoming: [Element] = []
    private var outgoing: [Element] = []
    var count: Int { incoming.count + outgoing.count }
    mutating func append(_ element: Element) { incoming.append(element) }
    mutating func popFirst() -> Element? {
        if outgoing.isEmpty {
            outgoing = incoming.reversed()
            incoming.removeAll(keepingCapacity: true)
        }
        return outgoing.popLast()
    }
}
