import Testing

@testable import Database

/// A pure machine that expectations may change.
@dynamicMemberLookup
final class Driven<Machine> {
    private var machine: Machine
    init(_ machine: Machine) { self.machine = machine }
    subscript<Value>(dynamicMember path: KeyPath<Machine, Value>) -> Value { machine[keyPath: path] }
    func callAsFunction<Success, Failure: Error>(
        _ body: (inout Machine) throws(Failure) -> Success
    ) throws(Failure) -> Success { try body(&machine) }
}

extension Driven<Pipeline> {
    func receive(_ answer: Pipeline.Answer) -> Pipeline.Next { self { $0.receive(answer) } }
    @discardableResult
    func lost(_ words: String) -> Pipeline.Next { self { $0.lost(words) } }
}

extension Driven<Reconnection> {
    func tries(at now: Int64) -> Bool { self { $0.tries(at: now) } }
    func succeeded() { self { $0.succeeded() } }
    func failed(at now: Int64, random: Double) { self { $0.failed(at: now, random: random) } }
    func lost(at now: Int64, since: Int64, random: Double) { self { $0.lost(at: now, since: since, random: random) } }
}

@Suite("A pipeline") struct PipelineTests {
    static let transaction: [Pipeline.Step] = [
        .begin, .prepare(name: "s1", statement: 0), .run(statement: 0, mustChange: nil),
        .run(statement: 1, mustChange: 1),
        .run(statement: 2, mustChange: nil), .commit, .sync,
    ]

    static func pipeline(holdsCommit: Bool = false) -> Pipeline {
        let steps = holdsCommit ? Array(transaction.dropLast(2)) : transaction
        return Pipeline(jobs: [(steps, 3)], holdsCommit: holdsCommit) { "job \($0) statement \($1)" }
    }

    static func done(_ tag: String = "", _ rows: [Row] = []) -> Pipeline.Answer { .done(tag: tag, rows: rows) }

    static func fault(_ state: String, severity: String = "ERROR") -> Pipeline.Answer {
        .failed(ServerFault(state: SQLState(state), severity: severity, primary: "words"))
    }

    static func error(_ pipeline: Driven<Pipeline>, _ job: Int = 0) -> DatabaseError? {
        if case .failure(let failure) = pipeline.endings[job] { failure.error } else { nil }
    }

    static func remedy(_ pipeline: Driven<Pipeline>, _ job: Int = 0) -> SQLState.Remedy? {
        if case .failure(let failure) = pipeline.endings[job] { failure.remedy } else { nil }
    }

    /// Gives the answers, all but the last of which only wait for more.
    static func feed(_ pipeline: Driven<Pipeline>, _ answers: [Pipeline.Answer]) -> Pipeline.Next {
        for answer in answers.dropLast() { #expect(pipeline.receive(answer) == .receive) }
        return pipeline.receive(answers.last!)
    }

    @Test("a transaction gives the rows of each statement, and none of one that counts")
    func succeeds() {
        let pipeline = Driven(Self.pipeline())
        let next = Self.feed(
            pipeline,
            [
                Self.done("BEGIN"), Self.done(), Self.done("SELECT 2", [[.integer(1)], [.integer(2)]]),
                Self.done("SELECT 1", [[.integer(1)]]), Self.done("INSERT 0 1"), Self.done("COMMIT"), .synced,
            ])
        #expect(next == .finish && pipeline.isOver && !pipeline.isLost)
        #expect(pipeline.endings == [.success([[[.integer(1)], [.integer(2)]], [], []])])
        #expect(pipeline.unprepared.isEmpty)
    }

    @Test("rows of several texts of a statement come together")
    func severalTexts() {
        let run = Pipeline.Step.run(statement: 0, mustChange: nil)
        let pipeline = Driven(Pipeline(jobs: [([run, run, .sync], 1)]) { "\($0) \($1)" })
        let next = Self.feed(
            pipeline, [Self.done("SELECT 1", [[.integer(1)]]), Self.done("SELECT 1", [[.integer(2)]]), .synced])
        #expect(next == .finish && pipeline.endings == [.success([[[.integer(1)], [.integer(2)]]])])
    }

    @Test("an error undoes the transaction, is the first one, and the connection is free after a ROLLBACK")
    func fails() {
        let pipeline = Driven(Self.pipeline())
        let next = Self.feed(
            pipeline, [Self.done("BEGIN"), Self.fault("42601"), .skipped, .skipped, .skipped, .skipped, .synced])
        #expect(next == .sendRollback && !pipeline.isOver)
        #expect(Self.feed(pipeline, [Self.done("ROLLBACK"), .synced]) == .finish)
        #expect(Self.error(pipeline)?.code == .statement && Self.error(pipeline)?.outcome == .undone)
        #expect(Self.error(pipeline)?.message.contains("job 0 statement 0") == true)
        #expect(pipeline.unprepared == ["s1"])
    }

    @Test("a division by zero is the fence where a statement counts, and data where it does not")
    func fence() {
        let counted = Driven(Self.pipeline())
        _ = Self.feed(
            counted,
            [Self.done("BEGIN"), Self.done(), Self.done("SELECT 0"), Self.fault("22012"), .skipped, .skipped, .synced])
        #expect(Self.error(counted)?.code == .fence && Self.error(counted)?.nativeCode == "22012")
        let other = Driven(Self.pipeline())
        _ = Self.feed(
            other,
            [Self.done("BEGIN"), Self.done(), Self.fault("22012"), .skipped, .skipped, .skipped, .synced])
        #expect(Self.error(other)?.code == .data)
    }

    @Test("a connection that is lost leaves a transaction undone or unknown, by whether COMMIT was sent")
    func lost() {
        for answered in 0...5 {
            let pipeline = Driven(Self.pipeline())
            let answers = [Self.done("BEGIN"), Self.done(), Self.done(), Self.done(), Self.done()]
            for answer in answers.prefix(answered) { _ = pipeline.receive(answer) }
            #expect(pipeline.lost("gone") == .finish && pipeline.isOver && pipeline.isLost)
            #expect(Self.error(pipeline)?.code == .unreachable && Self.error(pipeline)?.outcome == .unknown)
            #expect(Self.remedy(pipeline) == .reconnect && Self.error(pipeline)?.isRetriable == true)
        }
        let held = Driven(Self.pipeline(holdsCommit: true))
        _ = held.receive(Self.done("BEGIN"))
        held.lost("gone")
        #expect(Self.error(held)?.outcome == .undone)
    }

    @Test("what was committed holds, though the connection is lost before the Sync is answered")
    func lostAfterCommit() {
        let pipeline = Driven(Self.pipeline())
        for answer in [Self.done("BEGIN"), Self.done(), Self.done(), Self.done(), Self.done(), Self.done("COMMIT")] {
            _ = pipeline.receive(answer)
        }
        pipeline.lost("gone")
        #expect(pipeline.isLost && pipeline.endings == [.success([[], [], []])])
    }

    @Test("what had failed before keeps its error when the connection is lost")
    func failedThenLost() {
        let pipeline = Driven(Self.pipeline())
        _ = pipeline.receive(Self.done("BEGIN"))
        _ = pipeline.receive(Self.fault("22P02"))
        pipeline.lost("gone")
        #expect(Self.error(pipeline)?.code == .data && Self.error(pipeline)?.outcome == .undone)
    }

    @Test("an error at COMMIT undoes, unless the server ends with it")
    func errorAtCommit() {
        let before = [Self.done("BEGIN"), Self.done(), Self.done(), Self.done(), Self.done()]
        let deferred = Driven(Self.pipeline())
        // A transaction that COMMIT could not end is ended: the ROLLBACK that follows only warns.
        #expect(Self.feed(deferred, before + [Self.fault("23503"), .synced]) == .sendRollback)
        #expect(Self.error(deferred)?.code == .constraint && Self.error(deferred)?.outcome == .undone)
        let ended = Driven(Self.pipeline())
        #expect(Self.feed(ended, before + [Self.fault("57P01", severity: "FATAL")]) == .finish)
        #expect(ended.isLost && Self.error(ended)?.code == .unreachable && Self.error(ended)?.outcome == .unknown)
        let undone = Driven(Self.pipeline())
        _ = Self.feed(undone, before + [Self.done("ROLLBACK")])
        #expect(Self.error(undone)?.code == .other && Self.remedy(undone) == .reconnect)
    }

    @Test("a server that ends before COMMIT has undone the transaction")
    func endsBeforeCommit() {
        let pipeline = Driven(Self.pipeline())
        _ = pipeline.receive(Self.done("BEGIN"))
        #expect(pipeline.receive(Self.fault("57P01", severity: "FATAL")) == .finish)
        #expect(pipeline.isLost && Self.error(pipeline)?.outcome == .undone)
    }

    @Test("with a hook, COMMIT is sent once the rest has run, and never after a failure")
    func held() {
        let before = [Self.done("BEGIN"), Self.done(), Self.done(), Self.done()]
        let pipeline = Driven(Self.pipeline(holdsCommit: true))
        #expect(Self.feed(pipeline, before + [Self.done()]) == .sendCommit)
        #expect(Self.feed(pipeline, [Self.done("COMMIT"), .synced]) == .finish)
        #expect(pipeline.endings == [.success([[], [], []])])
        let failing = Driven(Self.pipeline(holdsCommit: true))
        #expect(Self.feed(failing, before + [Self.fault("23503")]) == .sendSync)
        #expect(failing.receive(.synced) == .sendRollback)
        #expect(Self.feed(failing, [Self.done("ROLLBACK"), .synced]) == .finish)
        #expect(Self.error(failing)?.code == .constraint)
    }

    @Test("reading statements end each by itself")
    func reads() {
        let read: [Pipeline.Step] = [.run(statement: 0, mustChange: nil), .sync]
        let pipeline = Driven(Pipeline(jobs: [(read, 1), (read, 1), (read, 1)]) { "job \($0) statement \($1)" })
        let next = Self.feed(
            pipeline,
            [
                Self.done("SELECT 1", [[.integer(1)]]), .synced, Self.fault("42P01"), .synced,
                Self.done("SELECT 1", [[.integer(3)]]),
            ])
        #expect(next == .receive)
        pipeline.lost("gone")
        #expect(pipeline.endings[0] == .success([[[.integer(1)]]]))
        #expect(Self.error(pipeline, 1)?.code == .schemaMissing)
        #expect(Self.error(pipeline, 2)?.code == .unreachable && Self.error(pipeline, 2)?.outcome == .undone)
    }

    @Test("statements that the server has forgotten are told to be prepared again, conflicts to be run again")
    func remedies() {
        for (state, remedy) in [("26000", SQLState.Remedy.prepareAgain), ("40P01", .runAgain), ("23505", .none)] {
            let pipeline = Driven(Self.pipeline())
            _ = Self.feed(
                pipeline, [Self.done("BEGIN"), Self.done(), Self.fault(state), .skipped, .skipped, .skipped, .synced])
            #expect(Self.remedy(pipeline) == remedy)
        }
    }

    @Test("an answer to what was not asked ends the connection, with an unknown outcome")
    func confused() {
        let pipeline = Driven(Self.pipeline())
        #expect(pipeline.receive(.synced) == .finish)
        #expect(pipeline.isLost && Self.error(pipeline)?.outcome == .unknown)
        let over = Driven(Pipeline(jobs: [([.sync], 0)]) { "\($0) \($1)" })
        #expect(over.receive(.synced) == .finish && !over.isLost)
        #expect(over.receive(.synced) == .finish && over.isLost)
    }

    @Test("columns that cannot be read are a fault of the statement's, though what it did may hold")
    func unreadable() {
        let pipeline = Driven(Self.pipeline())
        let next = Self.feed(
            pipeline,
            [
                Self.done("BEGIN"), Self.done(), .unreadable("a column of type 1700"), Self.done(), Self.done(),
                Self.done("COMMIT"), .synced,
            ])
        #expect(
            next == .finish && Self.error(pipeline)?.code == .statement && Self.error(pipeline)?.outcome == .unknown)
    }
}

@Suite("When connections are tried") struct ReconnectionTests {
    @Test("at once, one at a time, and after failures ever later, up to 5 s")
    func backoff() {
        let reconnection = Driven(Reconnection())
        var now: Int64 = 1_000
        var waits: [Int64] = []
        for _ in 0..<9 {
            #expect(reconnection.tries(at: now) && !reconnection.tries(at: now) && reconnection.nextTry == nil)
            reconnection.failed(at: now, random: 0.999_999)
            let next = reconnection.nextTry!
            #expect(!reconnection.tries(at: next - 1))
            waits.append(next - now)
            now = next
        }
        #expect(waits == [99, 199, 399, 799, 1_599, 3_199, 4_999, 4_999, 4_999])
        #expect(!reconnection.hasConnected)
        reconnection.failed(at: now, random: 0)
        #expect(reconnection.tries(at: now))
    }

    @Test("what has lasted starts anew, what breaks at once does not, and several that break together count once")
    func lost() {
        let reconnection = Driven(Reconnection())
        _ = reconnection.tries(at: 0)
        reconnection.succeeded()
        #expect(reconnection.hasConnected && reconnection.tries(at: 0))
        reconnection.succeeded()
        reconnection.lost(at: 6_000, since: 0, random: 0.5)
        #expect(reconnection.nextTry == .min)
        reconnection.lost(at: 7_000, since: 6_500, random: 0.5)
        reconnection.lost(at: 7_000, since: 6_500, random: 0.5)
        #expect(reconnection.nextTry == 7_050)
        #expect(reconnection.tries(at: 7_050))
        reconnection.succeeded()
        reconnection.lost(at: 7_060, since: 7_050, random: 0.5)
        #expect(reconnection.nextTry == 7_160)
    }
}
