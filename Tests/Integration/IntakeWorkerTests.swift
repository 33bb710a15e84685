import Delivery
import Intake
import Kafka
import Ledger
import Orders
import Telemetry
import Testing

@Suite struct IntakeWorkerTests {
    @Test("records on the topic become rows, and rows are done, each once, in order")
    func recordsToDone() async throws {
        let bench = try await WorkerBench()
        let adapter = NotingAdapter()
        let worker = bench.worker(PlainPlanner(destinations: ["email"])) { $0 == "email" ? adapter : nil }
        let events = (1...100).flatMap { number in (0...2).map { orderEvent(number, update: $0) } }
        async let started: Void = worker.start()
        try await bench.publish(events)
        try await started
        try await eventually("all rows are done") { try await bench.states("confirmations", "email") == ["done": 300] }
        for number in 1...100 {
            let order = orderEvent(number).order.text
            let ids = adapter.eventIDs.filter { $0.hasPrefix(order) }
            #expect(ids == (0...2).map { orderEvent(number, update: $0).id })
        }
        await worker.stop(by: .now + .seconds(8))
        let position = try await bench.positions("confirmations")
        #expect(position.planned == 300)
        #expect(position.next == 300)
    }

    @Test("what is no event is skipped, counted and on dead-letters with its origin; the partition goes on")
    func poison() async throws {
        let bench = try await WorkerBench(partitions: 1)
        let adapter = NotingAdapter()
        let worker = bench.worker(PlainPlanner(destinations: ["email"])) { _ in adapter }
        async let started: Void = worker.start()
        var unknown = WorkerBench.record(orderEvent(1))
        unknown.headers = unknown.headers.map {
            $0.name == "ce_type" ? RecordHeader("ce_type", Array("orderrelay.order.teleported".utf8)) : $0
        }
        unknown.headers = unknown.headers.map {
            $0.name == "ce_id" ? RecordHeader("ce_id", Array("teleport-1".utf8)) : $0
        }
        let records = [
            OutgoingRecord(topic: "orders", key: Array("x".utf8), value: Array("not an event".utf8)),
            OutgoingRecord(topic: "orders", key: Array("y".utf8), value: nil),
            unknown,
            OutgoingRecord(topic: "orders", key: [0xFF], value: [UInt8](repeating: 0x20, count: 900_000)),
            WorkerBench.record(orderEvent(2)),
        ]
        for record in records { _ = try await bench.producer.send(record) }
        try await started
        try await eventually("the event after them is done") {
            try await bench.states("confirmations", "email") == ["done": 1]
        }
        let position = try await bench.positions("confirmations")
        #expect((position.planned, position.skipped, position.next) == (1, 4, 5))
        #expect(adapter.eventIDs == [orderEvent(2).id])

        let reader = try await TopicReader(bench.broker.properties, topic: "dead-letters")
        var letters: [Record] = []
        while letters.count < 3, let more = try await reader.next(maximum: 10) { letters += more }
        await reader.close(timeout: .seconds(2))
        let texts = letters.map { String(decoding: $0.value ?? [], as: UTF8.self) }
        for (index, offset) in [0, 1, 3].enumerated() {
            #expect(texts[index].contains(#""reason":"poison""#))
            #expect(texts[index].contains(#""topic":"orders","partition":0,"offset":\#(offset)"#))
        }
        #expect(
            bench.metrics.rendered().contains(
                #"orderrelay_intake_poison_total{worker="confirmations",topic="orders"} 3"#))
        await worker.stop(by: .now + .seconds(8))
    }

    @Test("an event that comes twice is folded, one with the same id and other content is a conflict")
    func folding() async throws {
        let bench = try await WorkerBench(partitions: 1)
        let adapter = NotingAdapter()
        let worker = bench.worker(PlainPlanner(destinations: ["email"])) { _ in adapter }
        async let started: Void = worker.start()
        let other = orderEvent(1, title: "Something else")
        for event in [orderEvent(1), orderEvent(1), other] { try await bench.publish(event) }
        try await started
        try await eventually("the first batch is in") {
            try await bench.positions("confirmations", partitions: 1).next == 3
        }
        for event in [orderEvent(1), other, orderEvent(2)] { try await bench.publish(event) }
        try await eventually("all are in") { try await bench.positions("confirmations", partitions: 1).next == 6 }
        let position = try await bench.positions("confirmations", partitions: 1)
        #expect((position.planned, position.folded, position.skipped) == (2, 3, 1))
        try await eventually("both are done") { try await bench.states("confirmations", "email") == ["done": 2] }
        #expect(Set(adapter.eventIDs) == [orderEvent(1).id, orderEvent(2).id])
        await worker.stop(by: .now + .seconds(8))
    }

    @Test("a worker that starts again goes on where the ledger says, and repeats nothing")
    func restart() async throws {
        let bench = try await WorkerBench()
        let adapter = NotingAdapter()
        let first = bench.worker(PlainPlanner(destinations: ["email"])) { _ in adapter }
        async let started: Void = first.start()
        try await bench.publish((1...50).map { orderEvent($0) })
        try await started
        try await eventually("the first are done") { try await bench.states("confirmations", "email") == ["done": 50] }
        await first.stop(by: .now + .seconds(8))
        try await bench.publish((51...80).map { orderEvent($0) })
        let second = bench.worker(PlainPlanner(destinations: ["email"])) { _ in adapter }
        try await second.start()
        try await eventually("all are done") { try await bench.states("confirmations", "email") == ["done": 80] }
        await second.stop(by: .now + .seconds(8))
        #expect(adapter.eventIDs.count == 80)
        #expect(try await bench.positions("confirmations").folded == 0)
    }

    @Test("a log that is not the one that the position was taken in is not read, and says so")
    func anotherLog() async throws {
        let bench = try await WorkerBench(partitions: 1)
        let source = LogPartition(cluster: bench.broker.clusterID, topic: "orders", partition: 0)
        _ = try await bench.ledger.position(of: "confirmations", in: source, base: 0)
        let elsewhere = orderEvent(99)
        _ = try await bench.ledger.takeIn(
            IntakeBatch(
                worker: "confirmations", source: source, owner: "earlier", from: 0, next: 1,
                entries: [
                    IntakeEntry(
                        offset: 0, event: elsewhere, id: elsewhere.id, key: elsewhere.order.text, time: elsewhere.time,
                        disposition: .skipped(reason: "test"))
                ]))
        try await bench.publish([orderEvent(1), orderEvent(2)])
        let worker = bench.worker(PlainPlanner(destinations: ["email"])) { _ in NotingAdapter() }
        try await worker.start()
        #expect(worker.notReady?.contains("is not the one noted there") == true)
        #expect(try await bench.positions("confirmations", partitions: 1).next == 1)
        #expect(
            bench.metrics.rendered().contains(
                #"orderrelay_intake_partition_stopped{worker="confirmations",topic="orders",partition="0"} 1"#))
        await worker.stop(by: .now + .seconds(8))
    }

    @Test("two processes of a worker share the partitions; when one leaves, the other goes on with all")
    func rebalance() async throws {
        let bench = try await WorkerBench()
        let adapter = NotingAdapter()
        let one = bench.worker(PlainPlanner(destinations: ["email"]), owner: "one") { _ in adapter }
        let two = bench.worker(PlainPlanner(destinations: ["email"]), owner: "two") { _ in adapter }
        async let first: Void = one.start()
        async let second: Void = two.start()
        _ = try await (first, second)
        try await bench.publish((1...200).map { orderEvent($0) })
        async let stopped: Void = one.stop(by: .now + .seconds(8))
        try await bench.publish((201...400).map { orderEvent($0) })
        await stopped
        try await eventually("all are done", within: .seconds(40)) {
            try await bench.states("confirmations", "email") == ["done": 400]
        }
        #expect(Set(adapter.eventIDs).count == 400)
        let position = try await bench.positions("confirmations")
        #expect((position.planned, position.folded, position.next) == (400, 0, 400))
        await two.stop(by: .now + .seconds(8))
    }
}
