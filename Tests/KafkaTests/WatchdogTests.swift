import Testing

@testable import Kafka

@Suite("The watchdog of stuck partitions") struct WatchdogTests {
    let one = TopicPartition(topic: "orders", partition: 1)

    func seen(_ next: Int64?, movedAt: Int64, end: Int64?) -> Watchdog.Seen {
        Watchdog.Seen(one, nextOffset: next, movedAt: movedAt, logEnd: end)
    }

    @Test("a partition with unread records that does not move is reported after a minute, and again after another")
    func stuck() {
        var dog = Watchdog()
        #expect(dog.look([seen(5, movedAt: 0, end: 9)], now: 10_000).isEmpty)
        #expect(dog.look([seen(5, movedAt: 0, end: 9)], now: 69_000).isEmpty)
        #expect(dog.look([seen(5, movedAt: 0, end: 9)], now: 70_000).map(\.1) == [60_000])
        #expect(dog.look([seen(5, movedAt: 0, end: 9)], now: 75_000).isEmpty)
        #expect(dog.look([seen(5, movedAt: 0, end: 9)], now: 130_000).map(\.1) == [120_000])
    }

    @Test("an idle partition is not stuck, however long")
    func idle() {
        var dog = Watchdog()
        #expect(dog.look([seen(9, movedAt: 0, end: 9)], now: 0).isEmpty)
        #expect(dog.look([seen(9, movedAt: 0, end: 9)], now: 1_000_000).isEmpty)
        #expect(dog.look([seen(9, movedAt: 0, end: 10)], now: 1_000_100).isEmpty)
    }

    @Test("a partition that moves is not stuck, however far behind")
    func moving() {
        var dog = Watchdog()
        for now in stride(from: Int64(0), through: 600_000, by: 10_000) {
            #expect(dog.look([seen(now, movedAt: now, end: 10_000_000)], now: now).isEmpty)
        }
    }
}
