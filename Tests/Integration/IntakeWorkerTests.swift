import Database
import Delivery
import Foundation
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Primitives
import Support
import Telemetry
import Testing

/// Plans nothing until the test lets it.
private struct HaltingPlanner: Planner {
    let worker = "confirmations"
    let topics = ["orders"]
    let reached = Once<Void>()
    let goesOn = Once<Void>()
    func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        reached.give(())
        await goesOn.value
        return events.map { _ in Plan(.skipped(reason: "test")) }
    }
}

/// The time as it is, for whoever reads it; who waits for a time waits for ever. So a chore is done once.
private struct SleeplessTime: Timekeeper {
    private let time = SystemTime()
    var now: ContinuousClock.Instant { time.now }
    var wall: Timestamp { time.wall }
    func sleep(until instant: ContinuousClock.Instant) async throws { try await Task.sleep(for: .seconds(3600)) }
}

/// Has its one attempt wait until the test lets it end.
private struct HaltingAdapter: Adapter {
    let kind = "email"
    let timeout = Duration.seconds(10)
    let concurrency = 1
    let goesOn: Once<Void>
    func attempt(_ attempt: Attempt) async -> Outcome {
        await goesOn.value
        return .done(answer: "noted", receipt: [:])
    }
}

@Suite struct IntakeWorkerTests {
    @Test("rows that a process gives back when it leaves are found at the rebalance that follows, not at the next look")
    func leaving() async throws {
        let bench = try await WorkerBench()
        let planner = PlainPlanner(destinations: ["email"])
        let goesOn = Once<Void>()
        let leaving = bench.worker(planner) { _ in HaltingAdapter(goesOn: goesOn) }
        async let started: Void = leaving.start()
        // As many as it has room for.
        try await bench.publish((1...6).map { event($0) })
        try await started
        try await eventually("it has them all") { try await bench.states("confirmations", "email") == [.inFlight: 6] }
        let adapter = NotingAdapter()
        let staying = bench.worker(planner, time: SleeplessTime()) { _ in adapter }
        try await staying.start()
        try await eventually("both have partitions") { !staying.assignment.isEmpty && staying.notReady == nil }
        async let stopped: Void = leaving.stop(by: .now + .seconds(20))
        try await eventually("the other one does what was given back", within: .seconds(15)) {
            adapter.eventIDs.count == 5
        }
        goesOn.give(())
        await stopped
        try await eventually("all are done") { try await bench.states("confirmations", "email") == [.done: 6] }
        await staying.stop(by: .now + .seconds(8))
    }

    @Test("records on the topic become rows, and rows are done, each once, in order")
    func recordsToDone() async throws {
        let bench = try await WorkerBench()
        let adapter = NotingAdapter()
        let worker = bench.worker(PlainPlanner(destinations: ["email"])) { $0 == "email" ? adapter : nil }
        let events = (1...100).flatMap { number in (0...2).map { event(number, update: $0) } }
        async let started: Void = worker.start()
        try await bench.publish(events)
        try await started
        try await eventually("all rows are done") { try await bench.states("confirmations", "email") == [.done: 300] }
        for number in 1...100 {
            let order = event(number).order.text
            let ids = adapter.eventIDs.filter { $0.hasPrefix(order) }
            #expect(ids == (0...2).map { event(number, update: $0).id })
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
        var unknown = outgoingRecord(event(1))
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
            outgoingRecord(event(2)),
        ]
        for record in records { _ = try await bench.producer.send(record) }
        try await started
        try await eventually("the event after them is done") {
            try await bench.states("confirmations", "email") == [.done: 1]
        }
        let position = try await bench.positions("confirmations")
        #expect((position.planned, position.skipped, position.next) == (1, 4, 5))
        #expect(adapter.eventIDs == [event(2).id])

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
        let other = event(1, title: "Something else")
        for event in [event(1), event(1), other] { try await bench.publish(event) }
        try await started
        try await eventually("the first batch is in") {
            try await bench.positions("confirmations", partitions: 1).next == 3
        }
        for event in [event(1), other, event(2)] { try await bench.publish(event) }
        try await eventually("all are in") { try await bench.positions("confirmations", partitions: 1).next == 6 }
        let position = try await bench.positions("confirmations", partitions: 1)
        #expect((position.planned, position.folded, position.skipped) == (2, 3, 1))
        try await eventually("both are done") { try await bench.states("confirmations", "email") == [.done: 2] }
        #expect(Set(adapter.eventIDs) == [event(1).id, event(2).id])
        await worker.stop(by: .now + .seconds(8))
    }

    @Test("a worker that starts again goes on where the ledger says, and repeats nothing")
    func restart() async throws {
        let bench = try await WorkerBench()
        let adapter = NotingAdapter()
        let first = bench.worker(PlainPlanner(destinations: ["email"])) { _ in adapter }
        async let started: Void = first.start()
        try await bench.publish((1...50).map { event($0) })
        try await started
        try await eventually("the first are done") { try await bench.states("confirmations", "email") == [.done: 50] }
        await first.stop(by: .now + .seconds(8))
        try await bench.publish((51...80).map { event($0) })
        let second = bench.worker(PlainPlanner(destinations: ["email"])) { _ in adapter }
        try await second.start()
        try await eventually("all are done") { try await bench.states("confirmations", "email") == [.done: 80] }
        await second.stop(by: .now + .seconds(8))
        #expect(adapter.eventIDs.count == 80)
        #expect(try await bench.positions("confirmations").folded == 0)
    }

    @Test("a log that is not the one that the position was taken in is not read, and says so")
    func anotherLog() async throws {
        let bench = try await WorkerBench(partitions: 1)
        let source = LogPartition(cluster: bench.broker.clusterID, topic: "orders", partition: 0)
        _ = try await bench.ledger.position(of: "confirmations", in: source, base: 0)
        let elsewhere = event(99)
        _ = try await bench.ledger.takeIn(
            IntakeBatch(
                worker: "confirmations", source: source, owner: "earlier", from: 0, next: 1,
                entries: [
                    entry(elsewhere, at: 0, .skipped(reason: "test"))
                ]))
        try await bench.publish([event(1), event(2)])
        let worker = bench.worker(PlainPlanner(destinations: ["email"])) { _ in NotingAdapter() }
        try await worker.start()
        try await eventually("the worker says why") {
            worker.notReady?.contains("is not the one noted there") == true
        }
        #expect(try await bench.positions("confirmations", partitions: 1).next == 1)
        #expect(
            bench.metrics.rendered().contains(
                #"orderrelay_intake_partition_stopped{worker="confirmations",topic="orders",partition="0"} 1"#))
        try await eventually("it is noted, with its lag") {
            try await bench.ledger.stops(in: "orders", partition: 0).map(\.position) == [1]
                && bench.metrics.rendered().contains(
                    #"orderrelay_intake_lag_records{worker="confirmations",topic="orders",partition="0"} 1"#)
        }
        await worker.stop(by: .now + .seconds(8))
    }

    @Test("what a failover of the ledger lost is read again by itself, also where nothing comes any more")
    func failedOver() async throws {
        let bench = try await WorkerBench(partitions: 1)
        let planner = PlainPlanner(destinations: ["email"])
        let adapter = NotingAdapter()
        let worker = bench.worker(planner) { _ in adapter }
        async let started: Void = worker.start()
        try await bench.publish((1...20).map { event($0) })
        try await started
        try await eventually("all are done") { try await bench.states("confirmations", "email") == [.done: 20] }
        // As on a standby that had not got the commits of the last five records yet, and of all outcomes since.
        let database = try SQLiteDatabase(
            path: bench.folder.appending(path: "ledger.db").path, isDurable: false,
            now: { SystemTime().wall.milliseconds })
        let noted = event(15)
        _ = try await database.transaction([
            Statement("DELETE FROM events WHERE log_offset >= 15"),
            Statement("DELETE FROM history WHERE event_id NOT IN (SELECT event_id FROM events)"),
            Statement("UPDATE books SET planned = planned - 5"),
            Statement(
                "UPDATE positions SET next_offset = 15, planned = 15, last_event = $1, last_time = $2",
                [.text(noted.id), .integer(noted.time.milliseconds)]),
        ])
        try await eventually("they are planned and done again", within: .seconds(40)) {
            try await bench.states("confirmations", "email") == [.done: 20]
        }
        #expect(worker.notReady == nil)
        #expect(try await bench.positions("confirmations", partitions: 1) == Position(base: 0, next: 20, planned: 20))
        #expect(Set(adapter.eventIDs.suffix(5)) == Set((16...20).map { event($0).id }))
        #expect(adapter.eventIDs.count == 25)
        #expect(
            bench.metrics.rendered().contains(
                #"orderrelay_intake_went_back_total{worker="confirmations",topic="orders"} 1"#))
        try await bench.publish(event(21))
        try await eventually("it reads on") { try await bench.states("confirmations", "email") == [.done: 21] }
        await database.close()
        await worker.stop(by: .now + .seconds(8))
    }

    @Test("what is deleted while a worker is behind is named as not read, and the lag is reported")
    func deletedMeanwhile() async throws {
        let bench = try await WorkerBench(partitions: 1)
        let planner = HaltingPlanner()
        let worker = bench.worker(planner) { _ in NotingAdapter() }
        async let started: Void = worker.start()
        try await bench.publish(event(1))
        try await started
        await planner.reached.value
        // The embedded broker keeps 5 MiB of a partition; the worker fetches less than that ahead.
        let title = String(repeating: "x", count: 900_000)
        for number in 2...21 { try await bench.publish(event(number, title: title)) }
        planner.goesOn.give(())
        try await eventually("the partition has stopped") { worker.notReady != nil }
        let position = try await bench.positions("confirmations", partitions: 1).next
        let why = try #require(worker.notReady)
        let named = try #require(why.firstMatch(of: /orders\/0: records (\d+) to (\d+) were deleted/), "\(why)")
        #expect(Int64(named.1) == position && Int64(named.2)! > position && position < 21, "\(why)")
        try await eventually("it is noted") {
            try await bench.ledger.stops(in: "orders", partition: 0).map(\.position) == [position]
        }
        try await eventually("its lag is reported") {
            let lag = #"lag_records{worker="confirmations",topic="orders",partition="0"} \#(21 - position)"#
            return bench.metrics.rendered().contains("orderrelay_intake_\(lag)")
        }
        await worker.stop(by: .now + .seconds(8))
    }

    @Test("a stopped partition that moves to another process is reported by that process alone")
    func stoppedElsewhere() async throws {
        let bench = try await WorkerBench(partitions: 2)
        for partition: Int32 in 0...1 {
            let source = LogPartition(cluster: bench.broker.clusterID, topic: "orders", partition: partition)
            _ = try await bench.ledger.position(of: "confirmations", in: source, base: 7)
        }
        let planner = PlainPlanner(destinations: ["email"])
        let one = bench.worker(planner, owner: "one") { _ in NotingAdapter() }
        try await one.start()
        try await eventually("both are reported") { one.notReady?.contains("(and 1 more)") == true }
        let two = bench.worker(planner, owner: "two") { _ in NotingAdapter() }
        try await two.start()
        try await eventually("each process reports its own") {
            [one, two].allSatisfy { $0.notReady?.contains("the log ends at 0, before the position 7") == true }
                && [one, two].allSatisfy { $0.notReady?.contains("more)") == false }
        }
        #expect(one.notReady?.prefix(40) != two.notReady?.prefix(40), "they are two partitions")
        async let stopped: Void = one.stop(by: .now + .seconds(8))
        await two.stop(by: .now + .seconds(8))
        await stopped
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
        try await bench.publish((1...200).map { event($0) })
        async let stopped: Void = one.stop(by: .now + .seconds(8))
        try await bench.publish((201...400).map { event($0) })
        await stopped
        try await eventually("all are done", within: .seconds(40)) {
            try await bench.states("confirmations", "email") == [.done: 400]
        }
        #expect(Set(adapter.eventIDs).count == 400)
        let position = try await bench.positions("confirmations")
        #expect((position.planned, position.folded, position.next) == (400, 0, 400))
        await two.stop(by: .now + .seconds(8))
    }
}
