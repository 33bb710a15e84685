/// What is sent to one connection without waiting between, and what comes of it. Pure: results go in, in their order; what
/// is to be sent next, and how each job ended, comes out.
///
/// A job is a transaction, or one of several reading statements, each of which ends with a Sync, so that an error is its
/// own. What a server answers once COMMIT was sent decides whether an outcome is known.
struct Pipeline {
    enum Step: Equatable {
        case begin
        /// A setting of the transaction's, whose result is of no interest.
        case setting
        case deallocate(name: String)
        case prepare(name: String, statement: Int)
        /// Where `mustChange` is set, the text counts for itself and its row is no result.
        case run(statement: Int, mustChange: Int?)
        case commit
        case rollback
        case sync
    }

    /// What the server answers to a step.
    enum Answer: Equatable {
        case done(tag: String, rows: [Row])
        case failed(ServerFault)
        /// Not run, since an earlier step failed.
        case skipped
        case synced
        /// It has columns that this program cannot read: a fault of the statement's, told once it has run.
        case unreadable(String)
    }

    enum Next: Equatable {
        case receive
        /// Send COMMIT and a Sync: the rest has run.
        case sendCommit
        /// Send ROLLBACK and a Sync.
        case sendRollback
        /// Send a Sync: COMMIT is not sent after a failure.
        case sendSync
        /// All jobs have ended, and the connection is free.
        case finish
    }

    struct Failure: Error, Equatable {
        var error: DatabaseError
        var remedy: SQLState.Remedy

        static func == (one: Failure, other: Failure) -> Bool {
            one.remedy == other.remedy && one.error.code == other.error.code
                && one.error.message == other.error.message && one.error.outcome == other.error.outcome
        }
    }

    private struct Job {
        var rows: [[Row]] = []
        var failure: Failure?
        var hasBegun = false
        var isCommitSent = false
        var hasEnded = false
    }

    private var steps: [(job: Int, step: Step)] = []
    /// The step whose answer comes next.
    private var next = 0
    private var jobs: [Job] = []
    private let holdsCommit: Bool
    private let isReading: Bool
    private let excerpt: (_ job: Int, _ statement: Int) -> String
    private(set) var isLost = false
    /// Names that were not prepared, though they were to be.
    private(set) var unprepared: [String] = []
    private(set) var deallocated: [String] = []

    /// - Parameters:
    ///   - jobs: the steps of each, and how many statements it has.
    ///   - holdsCommit: COMMIT and Sync are sent only once the rest has run; the steps hold neither then.
    ///   - isReading: what writes is a wrong statement; else a server that takes no writes is the wrong server.
    ///   - excerpt: of a job's statement, for messages.
    init(
        jobs: [(steps: [Step], statements: Int)], holdsCommit: Bool = false, isReading: Bool = false,
        excerpt: @escaping (_ job: Int, _ statement: Int) -> String
    ) {
        self.holdsCommit = holdsCommit
        self.isReading = isReading
        self.excerpt = excerpt
        for (index, job) in jobs.enumerated() {
            var state = Job()
            state.rows = Array(repeating: [], count: job.statements)
            self.jobs.append(state)
            for step in job.steps { append(step, of: index) }
        }
    }

    private mutating func append(_ step: Step, of job: Int) {
        steps.append((job, step))
        if step == .commit { jobs[job].isCommitSent = true }
    }

    var isOver: Bool { isLost || next == steps.count }

    /// How each job has ended; to be asked once all is over.
    var endings: [Result<[[Row]], Failure>] {
        jobs.map { job in job.failure.map(Result.failure) ?? .success(job.rows) }
    }

    mutating func receive(_ answer: Answer) -> Next {
        guard !isOver else { return confused() }
        let (job, step) = steps[next]
        next += 1
        switch (step, answer) {
        case (.sync, .synced):
            return synced(job)
        case (.sync, _), (_, .synced):
            return confused()
        case (_, .skipped):
            if case .prepare(let name, _) = step { unprepared.append(name) }
        case (_, .failed(let fault)):
            if isReading, fault.state.isReadOnly {
                failed(unreadable: "a statement that writes was given to read", job, step)
                break
            }
            failed(fault, job, step)
            if fault.endsConnection { return lost("the server ended the connection") }
        case (_, .unreadable(let what)):
            failed(unreadable: what, job, step)
        case (_, .done(let tag, let rows)):
            done(tag, rows, job, step)
        }
        guard holdsCommit, next == steps.count else { return .receive }
        // All that was sent is answered.
        guard jobs[job].failure == nil else {
            append(.sync, of: job)
            return .sendSync
        }
        append(.commit, of: job)
        append(.sync, of: job)
        return .sendCommit
    }

    private mutating func done(_ tag: String, _ rows: [Row], _ job: Int, _ step: Step) {
        switch step {
        case .begin:
            jobs[job].hasBegun = true
        case .deallocate(let name):
            deallocated.append(name)
        case .run(let statement, let mustChange):
            if mustChange == nil { jobs[job].rows[statement] += rows }
        case .commit:
            jobs[job].hasBegun = false
            jobs[job].hasEnded = true
            // What has been undone answers ROLLBACK.
            guard tag != "COMMIT" else { return }
            fail(
                job, DatabaseError(.other, "COMMIT was answered with \(tag)", isRetriable: true), .reconnect)
        case .prepare, .setting, .rollback, .sync:
            break
        }
    }

    private mutating func failed(_ fault: ServerFault, _ job: Int, _ step: Step) {
        var excerpt = "COMMIT"
        switch step {
        case .prepare(let name, let statement):
            unprepared.append(name)
            excerpt = self.excerpt(job, statement)
        case .run(let statement, let mustChange):
            excerpt = self.excerpt(job, statement)
            if let mustChange, fault.state.isDivisionByZero {
                return fail(
                    job,
                    DatabaseError(
                        .fence, "changed another number of rows than \(mustChange): \(excerpt)", isRetriable: false,
                        nativeCode: fault.state.text), .none)
            }
        case .begin: excerpt = "BEGIN"
        case .setting: excerpt = "settings of the transaction"
        case .deallocate(let name): excerpt = "DEALLOCATE \(name)"
        case .rollback: excerpt = "ROLLBACK"
        case .commit, .sync: break
        }
        // A server that ends while it commits does not say what has become of it.
        let isUnknown = step == .commit && (fault.endsConnection || fault.state.text == "40003")
        fail(
            job, fault.error(doing: excerpt, outcome: isUnknown ? .unknown : .undone),
            fault.endsConnection ? .reconnect : fault.state.remedy)
    }

    private mutating func failed(unreadable what: String, _ job: Int, _ step: Step) {
        guard case .run(let statement, _) = step else { return }
        let isSent = jobs[job].isCommitSent
        fail(
            job,
            DatabaseError(
                .statement, "\(what): \(excerpt(job, statement))", isRetriable: false,
                outcome: isSent ? .unknown : .undone), .none)
    }

    /// The first failure is the job's.
    private mutating func fail(_ job: Int, _ error: DatabaseError, _ remedy: SQLState.Remedy) {
        if jobs[job].failure == nil { jobs[job].failure = Failure(error: error, remedy: remedy) }
    }

    private mutating func synced(_ job: Int) -> Next {
        if jobs[job].hasBegun {
            // The transaction has failed, and stays open until it is told to end.
            jobs[job].hasBegun = false
            append(.rollback, of: job)
            append(.sync, of: job)
            return .sendRollback
        }
        jobs[job].hasEnded = true
        return next == steps.count ? .finish : .receive
    }

    private mutating func confused() -> Next { lost("the server answered what was not asked") }

    /// The connection is of no more use: jobs that have not ended fail, with an outcome that is unknown where COMMIT was
    /// sent.
    @discardableResult
    mutating func lost(_ words: String) -> Next {
        isLost = true
        for index in jobs.indices where !jobs[index].hasEnded && jobs[index].failure == nil {
            let outcome: DatabaseError.Outcome = jobs[index].isCommitSent ? .unknown : .undone
            let hint = outcome == .unknown ? "; whether the transaction holds is not known" : ""
            fail(
                index, DatabaseError(.unreachable, "PostgreSQL: \(words)\(hint)", isRetriable: true, outcome: outcome),
                .reconnect)
        }
        return .finish
    }
}
