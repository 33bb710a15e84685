import Testing

@testable import Kafka

@Suite("Positions on their way to Kafka") struct CommitBookTests {
    let one = TopicPartition(topic: "orders", partition: 1)
    let two = TopicPartition(topic: "orders", partition: 2)
    func position(_ next: Int64) -> CommitBook.Position { CommitBook.Position(nextOffset: next, metadata: "") }

    func released() -> CommitBook {
        var book = CommitBook()
        book.release()
        return book
    }

    @Test("nothing is sent before the first assignment")
    func heldAtFirst() {
        var book = CommitBook()
        book.note(one, position(1))
        #expect(book.takeBatch() == nil)
        book.release()
        #expect(book.takeBatch() == [one: position(1)])
    }

    @Test("positions gather while a list is in flight, the newest of a partition holds")
    func oneAtATime() {
        var book = released()
        book.note(one, position(1))
        _ = book.takeBatch()
        book.note(one, position(2))
        book.note(one, position(3))
        book.note(two, position(9))
        #expect(book.takeBatch() == nil)
        book.finished(failed: [])
        #expect(book.takeBatch() == [one: position(3), two: position(9)])
        book.finished(failed: [])
        #expect(book.isSettled)
    }

    @Test("a failed position is sent again, unless a newer one waits")
    func failure() {
        var book = released()
        book.note(one, position(1))
        book.note(two, position(5))
        _ = book.takeBatch()
        book.note(two, position(6))
        book.finished(failed: [one, two])
        #expect(book.takeBatch() == [one: position(1), two: position(6)])
    }

    @Test("between revocation and the next assignment nothing is sent, and what waited is forgotten")
    func holding() {
        var book = released()
        book.note(one, position(1))
        book.hold()
        book.note(one, position(2))
        #expect(book.takeBatch() == nil)
        book.hold()
        book.release()
        #expect(book.takeBatch() == nil)
    }

    @Test("what failed after a revocation is not sent for the next owner")
    func failureAfterHold() {
        var book = released()
        book.note(one, position(1))
        _ = book.takeBatch()
        book.hold()
        book.finished(failed: [one])
        book.release()
        #expect(book.takeBatch() == nil)
    }

    @Test("a lost partition's position is forgotten, the others' is not")
    func lost() {
        var book = released()
        book.note(one, position(1))
        book.note(two, position(2))
        book.forget([one])
        #expect(book.takeBatch() == [two: position(2)])
    }
}
