import Crypto
import Orders
import Testing

@testable import Ingest

@Suite("The memory of repeats")
struct RepeatsTests {
    private let start = ContinuousClock.now
    private let one = sha256([1])
    private let other = sha256([2])
    private let order = OrderID("000000000000000000000001")!
    private var named: RepeatKey { RepeatKey(.created(order)) }

    private func promise(_ key: String? = nil) -> Promise {
        Promise(
            event: key.map { .later(order, .updated, .idempotencyKey($0)) } ?? .created(order),
            at: Timestamp(milliseconds: 7))
    }

    @Test("the first request of a key is published, its repeat gets the first answer")
    func replays() {
        var repeats = Repeats(maximum: 10)
        #expect(repeats.begin(named, digest: one, promise: promise(), now: start) == .publish(promise()))
        repeats.acknowledged(named, now: start)
        let later = Promise(event: promise().event, at: Timestamp(milliseconds: 99))
        #expect(repeats.begin(named, digest: one, promise: later, now: start + .seconds(10)) == .replay(promise()))
    }

    @Test("a key in flight is reported as such, and one with other content is refused")
    func conflicts() {
        var repeats = Repeats(maximum: 10)
        _ = repeats.begin(named, digest: one, promise: promise(), now: start)
        #expect(repeats.begin(named, digest: one, promise: promise(), now: start) == .inFlight)
        #expect(repeats.begin(named, digest: other, promise: promise(), now: start) == .reused)
    }

    @Test("what was not acknowledged is published again under the same ids")
    func publishesAgain() {
        var repeats = Repeats(maximum: 10)
        _ = repeats.begin(named, digest: one, promise: promise("first"), now: start)
        repeats.failed(named, now: start)
        #expect(repeats.begin(named, digest: one, promise: promise("second"), now: start) == .publish(promise("first")))
    }

    @Test("of two tries in flight the one that succeeded counts")
    func succeedsOnce() {
        var repeats = Repeats(maximum: 10)
        let key = RepeatKey(limit: "l", of: "order", digest: one)
        _ = repeats.begin(key, digest: one, promise: promise("first"), now: start)
        #expect(repeats.begin(key, digest: one, promise: promise("second"), now: start) == .publish(promise("first")))
        repeats.acknowledged(key, now: start)
        repeats.failed(key, now: start)
        #expect(repeats.begin(key, digest: one, promise: promise("third"), now: start) == .replay(promise("first")))
    }

    @Test("a keyless repeat folds for 60 s and no longer, a keyed one for 24 h")
    func forgets() {
        var repeats = Repeats(maximum: 10)
        let keyless = RepeatKey(limit: "l", of: "order", digest: one)
        for key in [keyless, named] {
            _ = repeats.begin(key, digest: one, promise: promise("first"), now: start)
            repeats.acknowledged(key, now: start)
        }
        let minute = start + .seconds(60)
        #expect(repeats.begin(keyless, digest: one, promise: promise("x"), now: minute) == .replay(promise("first")))
        let after = start + .seconds(61)
        #expect(repeats.begin(keyless, digest: one, promise: promise("new"), now: after) == .publish(promise("new")))
        let day = start + .seconds(24 * 3600)
        #expect(repeats.begin(named, digest: one, promise: promise("x"), now: day) == .replay(promise("first")))
        let dayAfter = day + .seconds(1)
        #expect(repeats.begin(named, digest: one, promise: promise("n"), now: dayAfter) == .publish(promise("n")))
    }

    @Test("the memory is bounded: the oldest goes first")
    func bounded() {
        var recent = Recent<Int, Int>(maximum: 100, lifetime: .seconds(60))
        for number in 0..<5000 { recent.note(number, number, now: start + .milliseconds(number)) }
        #expect(recent.count == 100)
        #expect(recent.value(4900, now: start + .seconds(5)) == 4900)
        #expect(recent.value(4899, now: start + .seconds(5)) == nil)
    }

    @Test("a key that is noted again lives on from then")
    func renewed() {
        var recent = Recent<String, Int>(maximum: 10, lifetime: .seconds(60))
        recent.note("a", 1, now: start)
        recent.note("a", 2, now: start + .seconds(50))
        recent.note("b", 3, now: start + .seconds(61))
        #expect(recent.value("a", now: start + .seconds(100)) == 2)
    }
}
