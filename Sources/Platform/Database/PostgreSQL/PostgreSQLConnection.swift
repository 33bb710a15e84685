import CLibpq
import Glibc
import Primitives

/// One connection to a server, in pipeline mode.
///
/// libpq never blocks here: this waits by itself, and no longer than until a deadline. A connection that has missed one is
/// shut without a word to the server, which may stand still.
///
/// `@unchecked`: made by one thread, then used and ended by the one thread that it is handed to.
final class PostgreSQLConnection: @unchecked Sendable {
    /// Rows of one reading statement: more are a fault of its own, it must have a LIMIT.
    static let rowsMaximum = 200_000

    let handle: OpaquePointer
    /// Whether each transaction may get another server connection.
    let isPooled: Bool
    /// Whether it leaves this machine, and nobody encrypts it: libpq's default falls back without a word.
    let isInClear: Bool
    private var isClosed = false

    /// - Parameters:
    ///   - handle: connected, not blocking, in pipeline mode; taken over.
    ///   - isRemote: whether the way to the server leaves this machine.
    init(_ handle: OpaquePointer, isPooled: Bool, isRemote: Bool) {
        self.handle = handle
        self.isPooled = isPooled
        isInClear = isRemote && PQsslInUse(handle) == 0 && PQgssEncInUse(handle) == 0
    }

    deinit { close() }

    /// Nothing may be asked afterwards.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        PQfinish(handle)
    }

    /// Whether an idle connection was lost meanwhile: the server has ended, or ended it.
    func isLost() -> Bool {
        while PQstatus(handle) == CONNECTION_OK {
            guard let events = wait(for: Int16(POLLIN), until: MachineClock.monotonic.milliseconds) else {
                return false
            }
            if events & Int16(POLLIN) == 0 || PQconsumeInput(handle) == 0 { return true }
        }
        return true
    }

    /// What happened on the socket; nil: nothing, until `deadline` in milliseconds.
    private func wait(for events: Int16, until deadline: Int64) -> Int16? {
        var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        while true {
            let left = max(0, min(deadline - MachineClock.monotonic.milliseconds, 1 << 30))
            let count = poll(&descriptor, 1, Int32(left))
            if count > 0 { return descriptor.revents }
            if count == 0 { return nil }
            guard errno == EINTR else { return Int16(POLLERR) }
        }
    }

    // MARK: One pipeline

    /// Sends all that a script holds, and receives until all its jobs have ended.
    ///
    /// - Parameters:
    ///   - deadline: in milliseconds of the monotonic clock.
    ///   - beforeCommit: where COMMIT is held back, called when the rest has run.
    /// - Returns: the pipeline when it is over. What is prepared is for the caller to note.
    func perform(
        _ script: PipelineScript, isReading: Bool = false, deadline: Int64, beforeCommit: (() -> Void)? = nil,
        excerpt: @escaping (_ job: Int, _ statement: Int) -> String
    ) -> Pipeline {
        var pipeline = Pipeline(
            jobs: script.jobs, holdsCommit: beforeCommit != nil, isReading: isReading, excerpt: excerpt)
        if !send(script) { pipeline.lost(words("the connection was lost")) }
        var nothings = 0
        while !pipeline.isOver {
            let unsent = PQflush(handle)
            if unsent < 0 {
                pipeline.lost(words("the connection was lost"))
            } else if unsent == 0 && PQisBusy(handle) == 0 {
                guard let result = PQgetResult(handle) else {
                    // Between two results there is a nothing; several in a row mean that no more will come.
                    nothings += 1
                    if nothings > 3 { pipeline.lost("the server answered less than was asked") }
                    continue
                }
                nothings = 0
                receive(result, &pipeline, beforeCommit)
            } else if let events = wait(for: Int16(POLLIN | (unsent == 0 ? 0 : POLLOUT)), until: deadline) {
                if events != Int16(POLLOUT), PQconsumeInput(handle) == 0 {
                    drain(&pipeline, beforeCommit)
                    if !pipeline.isOver { pipeline.lost(words("the connection was lost")) }
                }
            } else {
                // The server may stand still with all this in its hands: it is told nothing.
                shutdown(PQsocket(handle), Int32(SHUT_RDWR))
                pipeline.lost("no answer in time")
            }
        }
        return pipeline
    }

    /// What had arrived before the connection was lost: why it was, or that a transaction holds.
    private func drain(_ pipeline: inout Pipeline, _ beforeCommit: (() -> Void)?) {
        var nothings = 0
        while !pipeline.isOver, nothings <= 3, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else {
                nothings += 1
                continue
            }
            nothings = 0
            receive(result, &pipeline, beforeCommit)
        }
    }

    private func receive(_ result: OpaquePointer, _ pipeline: inout Pipeline, _ beforeCommit: (() -> Void)?) {
        defer { PQclear(result) }
        guard let answer = answer(result) else {
            pipeline.lost(words("the connection was lost"))
            return
        }
        switch pipeline.receive(answer) {
        case .receive, .finish: break
        case .sendCommit:
            beforeCommit?()
            if !(sendPlain("COMMIT") && PQpipelineSync(handle) == 1) { pipeline.lost(words("the connection was lost")) }
        case .sendRollback:
            if !(sendPlain("ROLLBACK") && PQpipelineSync(handle) == 1) {
                pipeline.lost(words("the connection was lost"))
            }
        case .sendSync:
            if PQpipelineSync(handle) != 1 { pipeline.lost(words("the connection was lost")) }
        }
    }

    // MARK: Sending

    private func send(_ script: PipelineScript) -> Bool {
        script.writer.bytes.withUnsafeBytes { bytes in
            for send in script.sends {
                let isSent =
                    switch send {
                    case .prepare(let name, let text): PQsendPrepare(handle, name, text, 0, nil) == 1
                    case .run(let name, let text, let parameters):
                        run(name, text, script.writer.parameters[parameters], bytes)
                    case .sync: PQpipelineSync(handle) == 1
                    case .flush: PQsendFlushRequest(handle) == 1
                    }
                if !isSent { return false }
            }
            return true
        }
    }

    private func sendPlain(_ text: String) -> Bool { run(nil, text, [], UnsafeRawBufferPointer(start: nil, count: 0)) }

    private func run(
        _ name: String?, _ text: String, _ parameters: ArraySlice<ParameterWriter.Parameter>,
        _ bytes: UnsafeRawBufferPointer
    ) -> Bool {
        let values = parameters.map { parameter in
            parameter.start.flatMap { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
        }
        let lengths = parameters.map { Int32($0.count) }
        let formats = parameters.map { $0.isBinary ? Int32(1) : 0 }
        let count = Int32(parameters.count)
        // The results come in binary.
        guard let name else { return PQsendQueryParams(handle, text, count, nil, values, lengths, formats, 1) == 1 }
        return PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) == 1
    }

    // MARK: Receiving

    /// nil where the connection was lost.
    private func answer(_ result: OpaquePointer) -> Pipeline.Answer? {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK: .done(tag: String(cString: PQcmdStatus(result)), rows: [])
        case PGRES_TUPLES_OK: rows(result)
        case PGRES_PIPELINE_SYNC: .synced
        case PGRES_PIPELINE_ABORTED: .skipped
        case PGRES_EMPTY_QUERY: .unreadable("an empty statement")
        case PGRES_FATAL_ERROR: fault(result).map(Pipeline.Answer.failed)
        default: nil
        }
    }

    private func fault(_ result: OpaquePointer) -> ServerFault? {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        guard let state = field(orderrelay_diag_sqlstate) else { return nil }
        return ServerFault(
            state: SQLState(state), severity: field(orderrelay_diag_severity) ?? "ERROR",
            primary: field(orderrelay_diag_primary) ?? "", constraint: field(orderrelay_diag_constraint),
            table: field(orderrelay_diag_table))
    }

    private func rows(_ result: OpaquePointer) -> Pipeline.Answer {
        let columns = PQnfields(result)
        var kinds: [ResultReader.Kind] = []
        for column in 0..<columns {
            guard let kind = ResultReader.kind(oid: PQftype(result, column)) else {
                return .unreadable("a column of type \(PQftype(result, column)), which must be cast")
            }
            kinds.append(kind)
        }
        let count = PQntuples(result)
        guard count <= Self.rowsMaximum else { return .unreadable("more than \(Self.rowsMaximum) rows") }
        var rows: [Row] = []
        rows.reserveCapacity(Int(count))
        for tuple in 0..<count {
            var row = Row()
            row.reserveCapacity(kinds.count)
            for column in 0..<columns {
                guard PQgetisnull(result, tuple, column) == 0 else {
                    row.append(.null)
                    continue
                }
                let field = UnsafeRawBufferPointer(
                    start: PQgetvalue(result, tuple, column), count: Int(PQgetlength(result, tuple, column)))
                guard let value = ResultReader.value(kinds[Int(column)], field) else {
                    return .unreadable("a field that is not of its type")
                }
                row.append(value)
            }
            rows.append(row)
        }
        return .done(tag: String(cString: PQcmdStatus(result)), rows: rows)
    }

    /// What happened, and the first line of what libpq says about it, which holds no value of ours.
    private func words(_ what: String) -> String {
        let message = String(cString: PQerrorMessage(handle))
        let line = message.split(separator: "\n").first.map { $0.trimmingPrefix("ERROR:  ") }
        return line.map { "\(what): \($0)" } ?? what
    }
}
