import Testing

@testable import HTTP

@Suite("Where a request stands")
struct ExchangeStateTests {
    private let answer = Response(status: 201)

    private func state(_ body: HeadInspection.Body, expectsContinue: Bool = false) -> ExchangeState {
        ExchangeState(body: body, expectsContinue: expectsContinue)
    }

    @Test("a task that need not wait is answered without a suspension")
    func straight() {
        var state = state(.length(10))
        #expect(state.bodyWanted(limit: 100) == .comes)
        #expect(state.headSettled() == .goOn)
        #expect(state.bodyCame(10) == .goOn)
        #expect(state.bodyEnded() == .deliverBody)
        #expect(state.answered(answer) == false)
        #expect(state.bodySettled() == .queue(answer))
        #expect(state.bodyEnded() == .goOn)
    }

    @Test("a task that waits on the head, then on its answer, suspends twice and is resumed twice")
    func waits() {
        var state = state(.length(10))
        #expect(state.headSettled() == .suspend)
        #expect(state.bodyWanted(limit: 100) == .comes)
        #expect(state.takeSuspension() == true)
        #expect(state.isHeadOpen)
        #expect(state.headSettled() == .goOn)
        #expect(state.bodyCame(10) == .goOn)
        #expect(state.bodyEnded() == .deliverBody)
        #expect(state.bodySettled() == .suspend)
        #expect(state.answered(answer) == true)
        #expect(state.bodyEnded() == .queue(answer))
    }

    @Test("an answer to a request without a body waits for the call after the head's, which keeps the connection")
    func noBody() {
        var state = state(.none)
        #expect(state.answered(answer) == false)
        #expect(state.headSettled() == .goOn)
        #expect(state.bodyEnded() == .queue(answer))
    }

    @Test("an early answer drops a small body, goes past a large one, and stands in for 100 Continue")
    func early() {
        var small = state(.length(10))
        _ = small.answered(answer)
        #expect(small.headSettled() == .goOn)
        #expect(small.bodyCame(10) == .goOn)
        #expect(small.bodyEnded() == .queue(answer))

        var large = state(.length(ExchangeState.discardedBytesMaximum + 1))
        _ = large.answered(answer)
        #expect(large.headSettled() == .write(answer))
        #expect(large.bodyCame(1000) == .goOn)
        #expect(large.bodyEnded() == .close)

        var expecting = state(.length(10), expectsContinue: true)
        _ = expecting.answered(answer)
        #expect(expecting.headSettled() == .queue(answer))
    }

    @Test("a body of unknown length is dropped within a bound, then answered past the library, then closed")
    func endless() {
        var state = state(.unknown)
        _ = state.answered(answer)
        #expect(state.headSettled() == .goOn)
        #expect(state.bodyCame(ExchangeState.discardedBytesMaximum) == .goOn)
        #expect(state.bodyCame(1) == .write(answer))
        #expect(state.bodyCame(1) == .goOn)
        #expect(state.bodyCame(ExchangeState.lingeringBytesMaximum) == .close)
    }

    @Test("a body over its limit is refused by its length, or once too much has come")
    func tooLarge() {
        var announced = state(.length(101))
        #expect(announced.bodyWanted(limit: 100) == .isTooLarge)
        var chunked = state(.unknown)
        #expect(chunked.bodyWanted(limit: 100) == .comes)
        #expect(chunked.headSettled() == .goOn)
        #expect(chunked.bodyCame(100) == .goOn)
        #expect(chunked.bodyCame(1) == .refuse(status: 413, reason: "the body is larger than 100 bytes"))
        #expect(chunked.bodyCame(1) == .goOn)
    }

    @Test("the deadline refuses a body that is read, sends an answer that waits for one, and ends the lingering")
    func deadlines() {
        var reading = state(.length(10))
        _ = reading.bodyWanted(limit: 100)
        _ = reading.headSettled()
        #expect(reading.deadlinePassed() == .refuse(status: 408, reason: "the body did not arrive in time"))
        #expect(reading.deadlinePassed() == .close)
        var discarding = state(.length(10))
        _ = discarding.answered(answer)
        _ = discarding.headSettled()
        #expect(discarding.deadlinePassed() == .write(answer))
        var responding = state(.none)
        _ = responding.bodyWanted(limit: 0)
        #expect(responding.deadlinePassed() == .goOn)
    }

    @Test("after the end nothing is answered, given or resumed")
    func ended() {
        var gone = state(.length(10))
        gone.ended()
        #expect(gone.bodyWanted(limit: 100) == .isGone)
        #expect(gone.answered(answer) == false)
        #expect(gone.headSettled() == .close)
        #expect(gone.bodyEnded() == .close)
        var abandoned = state(.none)
        _ = abandoned.headSettled()
        #expect(abandoned.abandoned() == true)
        #expect(abandoned.answered(answer) == false)
        #expect(abandoned.headSettled() == .close)
    }

    @Test("a head that contradicts itself is answered past the library, and nothing after it is believed")
    func faulty() {
        var state = state(.none)
        #expect(state.headIsFaulty(answer) == .write(answer))
        #expect(state.bodyEnded() == .close)
    }
}
