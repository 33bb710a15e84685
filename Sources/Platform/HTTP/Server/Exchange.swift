import CMicrohttpd
import Glibc

/// One request on its way: what the handler, the task and the clock share. Touched on the loop thread alone, which is
/// why it may be sent to the task that runs there.
final class Exchange: @unchecked Sendable {
    let head: RequestHead
    private let loop: ServerLoop
    @exclusivity(unchecked) private var state: ExchangeState
    @exclusivity(unchecked) private var body: [UInt8] = []
    /// What of the server's budget is this request's.
    @exclusivity(unchecked) private var countedBytes = 0
    @exclusivity(unchecked) private var bodyWaiter: UnsafeContinuation<BodyOutcome, Never>?
    /// Nil once the library has let go of the request.
    @exclusivity(unchecked) private var connection: Connection?
    private let handle: OpaquePointer

    private let begunAt: LoopTime

    init(head: RequestHead, inspection: HeadInspection, connection: Connection, loop: ServerLoop) {
        self.head = head
        self.loop = loop
        self.connection = connection
        handle = connection.handle
        begunAt = loop.now
        state = ExchangeState(body: inspection.body, expectsContinue: inspection.expectsContinue)
    }

    private static let reservedBytesMaximum = 16 * 1024
    /// How long a client that sends no more may keep an early answer from being sent.
    private static let discardingGrace: LoopTime = 200_000_000
    private static let lingeringTime: LoopTime = 2_000_000_000
}

// MARK: - For the task
extension Exchange {
    /// The whole body, or what became of it.
    func wholeBody(limit: Int) async -> BodyOutcome {
        switch state.bodyWanted(limit: limit) {
        case .isEmpty: return .whole([])
        case .isGone: return .gone
        case .isTooLarge: return .refused(status: 413, reason: "the body is larger than \(limit) bytes")
        case .comes:
            // An announced length is no reason to give memory before bytes come.
            if case .length(let length) = state.body { body.reserveCapacity(min(length, Self.reservedBytesMaximum)) }
            if state.takeSuspension() { MHD_resume_connection(handle) }
            return await withUnsafeContinuation { bodyWaiter = $0 }
        }
    }

    /// Sends `response`, unless something else has been sent.
    func answer(_ response: Response) {
        if state.answered(response) { MHD_resume_connection(handle) }
    }

    /// Sends `response` instead of the answer that the body was needed for.
    func refuse(_ response: Response) {
        if state.isLingering { writePastLibrary(response) } else { answer(response) }
    }
}

/// What became of a request's body.
enum BodyOutcome {
    case whole([UInt8])
    /// It is too large, or did not arrive in time.
    case refused(status: Int, reason: String)
    /// There will be none, and nothing is left to be done.
    case gone
}

// MARK: - For the handler
extension Exchange {
    /// The request's first call, or the same again after a suspension.
    func headCame() -> MHD_Result { perform(state.headSettled()) }

    /// The head is malformed.
    func refuseHead(_ fault: HeadInspection.Fault) -> MHD_Result {
        perform(state.headIsFaulty(loop.refuse(fault.status, fault.reason)))
    }

    /// A call of the handler that is not the first.
    func handle(_ bytes: UnsafeRawBufferPointer) -> MHD_Result {
        if state.isHeadOpen { return headCame() }
        guard !bytes.isEmpty else { return perform(state.bodyEnded()) }
        let isRoomLeft = loop.bodies.hasRoom(for: bytes.count)
        let action = state.bodyCame(bytes.count, isRoomLeft: isRoomLeft)
        if state.isReading {
            body.append(contentsOf: bytes)
            countedBytes += bytes.count
            loop.bodies.take(bytes.count)
        }
        if state.isBodyIncomplete, connection?.isClosedByPeer == true { return cmhd_no }
        return perform(action)
    }

    /// The library lets go of the request.
    func completed() {
        state.ended()
        loop.bodies.give(countedBytes)
        connection?.becomeIdle()
        connection = nil
        giveBody(.gone)
    }

    /// The connection's deadline has passed.
    func deadlinePassed() {
        guard let connection else { return }
        if perform(state.deadlinePassed()) != cmhd_yes { connection.shutDown(SHUT_RDWR) }
    }

    /// The server ends, now.
    func abandon() {
        if state.abandoned() { MHD_resume_connection(handle) } else { connection?.shutDown(SHUT_RDWR) }
        giveBody(.gone)
    }

    private func perform(_ action: ExchangeState.Action) -> MHD_Result {
        switch action {
        case .goOn: break
        case .suspend: MHD_suspend_connection(handle)
        case .queue(let response):
            connection?.clearDeadline()
            return Outgoing.queue(response, on: handle, isLast: loop.isStopping)
        case .write(let response): writePastLibrary(response)
        case .refuse(let status, let reason):
            giveBody(.refused(status: status, reason: reason))
            loop.runReady()
        case .deliverBody:
            connection?.clearDeadline()
            giveBody(.whole(body))
            body = []
            loop.runReady()
            return perform(state.bodySettled())
        case .close: return cmhd_no
        }
        setDeadline()
        return cmhd_yes
    }

    private func setDeadline() {
        guard let connection else { return }
        if state.isReading {
            connection.setDeadline(begunAt + loop.bodyDeadline)
        } else if state.isDiscarding {
            // The first deadline counts: bytes that trickle do not push it away.
            if connection.deadline == .max { connection.setDeadline(loop.now + Self.discardingGrace) }
        } else if state.isLingering {
            if connection.deadline == .max { connection.setDeadline(loop.now + Self.lingeringTime) }
        } else {
            connection.clearDeadline()
        }
    }

    private func writePastLibrary(_ response: Response) {
        guard let connection else { return }
        connection.write(Outgoing.bytes(response, withBody: head.method != .head))
        connection.shutDown(SHUT_WR)
        connection.clearDeadline()
    }

    private func giveBody(_ outcome: BodyOutcome) {
        bodyWaiter?.resume(returning: outcome)
        bodyWaiter = nil
    }
}
