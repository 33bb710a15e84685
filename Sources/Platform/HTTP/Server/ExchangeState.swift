/// The state of one request between its head and the end of its answer. It only decides; the loop thread acts.
///
/// Events come from three sides: the library calls the handler (head, body bytes, end of the body), the request's task
/// asks for something (the body) or answers, and time passes. A connection whose task has not decided yet is suspended,
/// and its handler is called again for the same event once it has been resumed.
struct ExchangeState {
    private enum Phase {
        /// The task looks at the head.
        case deciding
        /// The task waits for the body, at most so many bytes.
        case reading(limit: Int)
        /// The task has the whole request.
        case responding
        /// The answer is known before the body has come. The rest is read and dropped, so that the client need not see
        /// its connection reset in the middle of sending.
        case discarding(Response)
        /// The library sends the answer.
        case answering
        /// The answer has been sent past the library; what still comes is dropped until the client closes.
        case lingering
        case over
    }

    /// What the handler must do.
    enum Action: Equatable {
        case goOn
        case suspend
        /// Give the library the answer.
        case queue(Response)
        /// Write the answer to the socket, past the library, which takes none in the middle of a body; then linger.
        case write(Response)
        /// As `write`, and the task gets no body.
        case refuse(status: Int, reason: String)
        /// Give the task the body, and then ask ``bodySettled()``.
        case deliverBody
        case close
    }

    /// What the task that asked for the body must do.
    enum BodyDecision: Equatable { case isEmpty, comes, isTooLarge, isGone }

    /// How much of an unwanted body is read to keep the connection.
    static let discardedBytesMaximum = 64 * 1024
    /// How much is read after the connection was given up, before it is closed hard.
    static let lingeringBytesMaximum = 4 * 1024 * 1024

    let body: HeadInspection.Body
    let expectsContinue: Bool
    private var phase = Phase.deciding
    private var answer: Response?
    private var received = 0
    /// Whether the library has put the connection aside until it is resumed.
    private(set) var isSuspended = false
    /// Whether the handler's call is (still) about the head. An answer given to the library now would cost the
    /// connection, so one without a body to refuse waits for the call after this one.
    private(set) var isHeadOpen = true

    init(body: HeadInspection.Body, expectsContinue: Bool) {
        self.body = body
        self.expectsContinue = expectsContinue
    }

    /// Whether the request still counts as in flight.
    var isOver: Bool { if case .over = phase { true } else { false } }
    /// Whether the body is being read for the task.
    var isReading: Bool { if case .reading = phase { true } else { false } }
    /// Whether more of the body must come.
    var isBodyIncomplete: Bool {
        switch body {
        case .none: false
        case .length(let length): received < length
        case .unknown: true
        }
    }
    var isDiscarding: Bool { if case .discarding = phase { true } else { false } }
    var isLingering: Bool { if case .lingering = phase { true } else { false } }
}

// MARK: - From the task
extension ExchangeState {
    /// The task wants the body.
    mutating func bodyWanted(limit: Int) -> BodyDecision {
        guard case .deciding = phase else { return .isGone }
        switch body {
        case .none: phase = .responding
        case .length(let length) where length > limit: return .isTooLarge
        case .length, .unknown: phase = .reading(limit: limit)
        }
        return body == .none ? .isEmpty : .comes
    }

    /// The task has its answer. True: the connection must be resumed.
    mutating func answered(_ response: Response) -> Bool {
        switch phase {
        case .deciding, .responding: answer = response
        case .reading, .discarding, .answering, .lingering, .over: return false
        }
        return takeSuspension()
    }

    /// Something for the handler has happened on a suspended connection. True: it must be resumed.
    mutating func takeSuspension() -> Bool {
        defer { isSuspended = false }
        return isSuspended
    }
}

// MARK: - From the handler
extension ExchangeState {
    /// The head contradicts itself: where the next request begins is ambiguous.
    mutating func headIsFaulty(_ refusal: Response) -> Action {
        isHeadOpen = false
        phase = .lingering
        return .write(refusal)
    }

    /// The task has had its turn on the head.
    mutating func headSettled() -> Action {
        if case .deciding = phase, answer == nil {
            isSuspended = true
            return .suspend
        }
        isHeadOpen = false
        switch phase {
        case .deciding: return settleEarly()
        case .over: return .close
        case .reading, .responding, .discarding, .answering, .lingering: return .goOn
        }
    }

    /// An answer that has no need of the body.
    private mutating func settleEarly() -> Action {
        guard let early = answer else { return .close }
        answer = nil
        switch body {
        case .length where expectsContinue, .unknown where expectsContinue:
            // Nothing of the body is under way: the library answers and closes.
            phase = .answering
            return .queue(early)
        case .length(let length) where length > Self.discardedBytesMaximum:
            phase = .lingering
            return .write(early)
        case .none, .length, .unknown:
            phase = .discarding(early)
            return .goOn
        }
    }

    /// Bytes of the body came. `isRoomLeft`: all bodies together may take so much more.
    mutating func bodyCame(_ count: Int, isRoomLeft: Bool = true) -> Action {
        received += count
        switch phase {
        case .reading(let limit) where received > limit:
            phase = .lingering
            return .refuse(status: 413, reason: "the body is larger than \(limit) bytes")
        case .reading:
            guard !isRoomLeft else { return .goOn }
            phase = .lingering
            return .refuse(status: 503, reason: "too many bodies are being sent at this moment")
        case .discarding(let early):
            guard received > Self.discardedBytesMaximum else { return .goOn }
            phase = .lingering
            return .write(early)
        case .lingering: return received > Self.lingeringBytesMaximum ? .close : .goOn
        case .deciding, .responding, .answering, .over: return .close
        }
    }

    /// The body has come whole (or there is none).
    mutating func bodyEnded() -> Action {
        switch phase {
        case .reading:
            phase = .responding
            return .deliverBody
        case .responding: return bodySettled()
        case .discarding(let early):
            phase = .answering
            return .queue(early)
        case .answering: return .goOn
        case .deciding, .lingering, .over: return .close
        }
    }

    /// The task has had its turn on the whole request.
    mutating func bodySettled() -> Action {
        switch phase {
        case .responding:
            guard let response = answer else {
                isSuspended = true
                return .suspend
            }
            answer = nil
            phase = .answering
            return .queue(response)
        case .answering: return .goOn
        case .deciding, .reading, .discarding, .lingering, .over: return .close
        }
    }

    /// The connection is gone, or the answer has been sent.
    mutating func ended() {
        phase = .over
        answer = nil
        isSuspended = false
    }

    /// The server ends before the answer: the connection is to be closed. True: it must be resumed for that.
    mutating func abandoned() -> Bool {
        phase = .over
        answer = nil
        return takeSuspension()
    }
}

// MARK: - From the clock
extension ExchangeState {
    /// The deadline has passed.
    mutating func deadlinePassed() -> Action {
        switch phase {
        case .reading:
            phase = .lingering
            return .refuse(status: 408, reason: "the body did not arrive in time")
        case .discarding(let early):
            phase = .lingering
            return .write(early)
        case .lingering: return .close
        case .deciding, .responding, .answering, .over: return .goOn
        }
    }
}
