import Testing

@testable import Database

@Suite("What waits for threads") struct InboxTests {
    @Test("each lane is first in, first out, and they take turns")
    func lanesTakeTurns() {
        let inbox = Inbox<Int>(capacity: 10, lanes: 2)
        for job in 1...5 { #expect(inbox.put(job, lane: 1) == nil) }
        #expect(inbox.put(100, lane: 0) == nil)
        #expect(inbox.take(atMost: 2) == [100])
        #expect(inbox.put(101, lane: 0) == nil)
        #expect(inbox.take(atMost: 2) == [1, 2])
        #expect(inbox.take(atMost: 2) == [101])
        #expect(inbox.take(atMost: 2) == [3, 4])
        #expect(inbox.take(atMost: 2) == [5])
    }

    @Test("a full lane refuses, the other does not; a closed one gives what is left and then nothing")
    func bounds() {
        let inbox = Inbox<Int>(capacity: 2, lanes: 2)
        #expect([inbox.put(1), inbox.put(2), inbox.put(3)] == [nil, nil, .full])
        #expect(inbox.put(4, lane: 1) == nil)
        inbox.close()
        #expect(inbox.put(5, lane: 1) == .closed)
        #expect(inbox.take(atMost: 9) == [1, 2])
        #expect(inbox.take(atMost: 9) == [4])
        #expect(inbox.take(atMost: 9) == nil)
    }
}
