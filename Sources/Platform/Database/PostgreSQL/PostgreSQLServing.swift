import Glibc
import Primitives

/// What a connection's thread does with the jobs that it takes.
///
/// `@unchecked`: the connection is its thread's alone.
final class PostgreSQLServing: @unchecked Sendable {
    typealias Answer<Success> = CheckedContinuation<Result<Success, DatabaseError>, Never>

    struct Job: Sendable {
        enum Work: Sendable {
            case transaction([Statement], Answer<[[Row]]>)
            case read(Statement, Answer<[Row]>)
            case migration([Migration], Answer<[String]>)
        }
        var work: Work
        /// When it was asked, in milliseconds of the monotonic clock.
        var since: Int64
        /// Whether a connection was lost while it was read.
        var wasTried = false

        func fail(_ error: DatabaseError) {
            switch work {
            case .transaction(_, let answer): answer.resume(returning: .failure(error))
            case .read(_, let answer): answer.resume(returning: .failure(error))
            case .migration(_, let answer): answer.resume(returning: .failure(error))
            }
        }
    }

    /// Reads in one pipeline.
    static let readsMaximum = 16
    /// A transaction that others got in the way of is run again so many times.
    private static let conflictsMaximum = 5

    let connection: PostgreSQLConnection
    private var prepared: PreparedStatements
    let patience: PostgreSQLOptions.Patience
    private let fenceHeld: (@Sendable () -> Void)?
    private let record: LineRecord
    private let putBack: ([Job]) -> Void

    /// - Parameter putBack: takes jobs that another connection must do.
    init(
        _ connection: PostgreSQLConnection, patience: PostgreSQLOptions.Patience, fenceHeld: (@Sendable () -> Void)?,
        record: LineRecord, putBack: @escaping ([Job]) -> Void
    ) {
        self.connection = connection
        prepared = PreparedStatements(isPreparing: !connection.isPooled)
        self.patience = patience
        self.fenceHeld = fenceHeld
        self.record = record
        self.putBack = putBack
    }

    /// False where the connection is of no more use.
    func serve(_ jobs: [Job]) -> Bool {
        // What has not been sent can be sent by another.
        guard !connection.isLost() else {
            putBack(jobs)
            return false
        }
        var isLost = false
        var reads: [Job] = []
        for (index, job) in jobs.enumerated() {
            switch job.work {
            case .read:
                reads.append(job)
                continue
            case .transaction(let statements, let answer):
                let result = transaction(statements, &isLost)
                if case .failure(let error) = result {
                    if error.outcome == .unknown { record.count(\.unknownOutcomes) }
                    if error.nativeCode == SQLState.lockNotAvailable, !isLost { endStandstills(&isLost) }
                }
                answer.resume(returning: result)
            case .migration(let migrations, let answer):
                answer.resume(returning: migrate(migrations, &isLost))
            }
            if isLost {
                putBack(reads + jobs[(index + 1)...])
                return false
            }
        }
        return reads.isEmpty || read(reads)
    }

    // MARK: Transactions

    private func transaction(_ statements: [Statement], _ isLost: inout Bool) -> Result<[[Row]], DatabaseError> {
        let deadline = MachineClock.monotonic.milliseconds + patience.transaction
        let hook = statements.contains(where: \.isFence) ? fenceHeld : nil
        return run(statements, &prepared, deadline, hook, &isLost)
    }

    /// - Parameter prepared: what is known of the connection, or nothing for statements that are not worth keeping.
    func run(
        _ statements: [Statement], _ prepared: inout PreparedStatements, _ deadline: Int64,
        _ hook: (@Sendable () -> Void)? = nil, _ isLost: inout Bool
    ) -> Result<[[Row]], DatabaseError> {
        var conflicts = 0
        var isForgetting = false
        while true {
            var script = PipelineScript(prepared, forgetting: isForgetting)
            do throws(DatabaseError) {
                try script.addTransaction(
                    statements, &prepared, settings: connection.isPooled ? SessionSettings.plans : [],
                    holdsCommit: hook != nil)
            } catch { return .failure(error) }
            let pipeline = connection.perform(script, deadline: deadline, beforeCommit: hook) {
                statements[$1].excerpt
            }
            prepared.note(pipeline)
            isLost = pipeline.isLost
            switch pipeline.endings[0] {
            case .success(let rows): return .success(rows)
            case .failure(let failure):
                switch failure.remedy {
                case .runAgain where conflicts < Self.conflictsMaximum && !isLost:
                    conflicts += 1
                    guard pause(5...100, until: deadline) else { return .failure(failure.error) }
                case .prepareAgain where !isForgetting && !connection.isPooled && !isLost:
                    isForgetting = true
                    prepared.forgetAll()
                case .reconnect:
                    isLost = true
                    return .failure(failure.error)
                default: return .failure(failure.error)
                }
            }
        }
    }

    /// Waits for a random time, so that conflicting transactions do not collide again; false if the deadline comes first.
    func pause(_ milliseconds: ClosedRange<Int64>, until deadline: Int64) -> Bool {
        let time = Int64.random(in: milliseconds)
        guard MachineClock.monotonic.milliseconds + time < deadline else { return false }
        usleep(UInt32(time) * 1000)
        return true
    }

    // MARK: Reads

    /// False where the connection is of no more use.
    private func read(_ jobs: [Job], isForgetting: Bool = false) -> Bool {
        let deadline = MachineClock.monotonic.milliseconds + patience.read
        var script = PipelineScript(prepared, forgetting: isForgetting)
        var sent: [(job: Job, statement: Statement, answer: Answer<[Row]>)] = []
        for job in jobs {
            guard case .read(let statement, let answer) = job.work else { continue }
            do throws(DatabaseError) {
                try script.addPlain([statement], &prepared)
                sent.append((job, statement, answer))
            } catch { answer.resume(returning: .failure(error)) }
        }
        guard !sent.isEmpty else { return true }
        let statements = sent.map(\.statement)
        let pipeline = connection.perform(script, isReading: true, deadline: deadline) { job, _ in
            statements[job].excerpt
        }
        prepared.note(pipeline)
        var isLost = pipeline.isLost
        var again: [Job] = []
        var forgotten: [Job] = []
        for (read, ending) in zip(sent, pipeline.endings) {
            switch ending {
            case .success(let rows): read.answer.resume(returning: .success(rows.first ?? []))
            case .failure(let failure):
                let isLate = MachineClock.monotonic.milliseconds >= deadline
                if failure.remedy == .prepareAgain, !isForgetting, !isLost, !connection.isPooled {
                    forgotten.append(read.job)
                } else if failure.remedy == .reconnect, !read.job.wasTried, !isLate {
                    // It changed nothing, and can be read again.
                    isLost = true
                    again.append(Job(work: read.job.work, since: read.job.since, wasTried: true))
                } else {
                    isLost = isLost || failure.remedy == .reconnect
                    read.answer.resume(returning: .failure(failure.error))
                }
            }
        }
        if isLost {
            putBack(again + forgotten)
            return false
        }
        guard !forgotten.isEmpty else { return true }
        prepared.forgetAll()
        return read(forgotten, isForgetting: true)
    }

    func close() { connection.close() }
}
