import CLibpq
import Foundation
import Primitives
import Support
import Testing

@testable import Database

/// Clients that hold a lock in mid-pipeline, where no time limit of the server's runs, and are not heard of again.
@Suite("Clients that are gone in mid-pipeline", .enabled(if: PostgreSQLServer.isHere))
struct PostgreSQLVanishedTests {
    /// What a client does before it is gone.
    enum Last: CaseIterable {
        /// It has read the answers to all that it sent.
        case reads
        /// It has sent what takes a while, and acknowledges no answer.
        case sends
        /// It stands still; its system goes on to acknowledge.
        case freezes
    }

    @Test(
        "a lock is free again within 15 s, and nothing of what held it holds", .timeLimit(.minutes(3)),
        arguments: Last.allCases)
    func gone(last: Last) async throws {
        let fixture = try await PostgreSQLFixture(tables: PostgreSQLTransactionTests.position)
        let client = try await GoneClient(of: fixture, after: last)
        let time = try await milliseconds {
            try await eventually("another has the lock", within: .seconds(30)) {
                do throws(DatabaseError) {
                    _ = try await fixture.database.transaction(PostgreSQLTransactionTests.step(from: 0))
                    return true
                } catch {
                    #expect(error.isRetriable && error.outcome == .undone, "\(error)")
                    return false
                }
            }
        }
        #expect((5_000..<15_000).contains(time), "\(time) ms")
        #expect(try await fixture.number("SELECT count(*) FROM r") == 1)
        await client.end()
        #expect(try await fixture.number("SELECT count(*) FROM r") == 1)
        await fixture.database.close()
    }

    @Test("a client that only takes its time in mid-pipeline keeps its lock", .timeLimit(.minutes(3)))
    func slow() async throws {
        let fixture = try await PostgreSQLFixture(
            tables: PostgreSQLTransactionTests.position, query: "options=-c%20lock_timeout%3D500ms")
        let holder = try await HeldTransaction("UPDATE p SET next = 0 WHERE id = 1", in: fixture)
        for _ in 0..<3 {
            await expect(code: .conflict) {
                try await fixture.database.transaction(PostgreSQLTransactionTests.step(from: 0))
            }
        }
        try await holder.commit()
        await fixture.database.close()
    }
}

/// A client that has taken the fence of ``PostgreSQLTransactionTests/step(from:)``, has sent no Sync, and is gone.
private final class GoneClient: Sendable {
    private let connection: PostgreSQLConnection
    private let socket: Int32
    private let gate = DispatchSemaphore(value: 0)
    private let work: Task<Void, any Error>

    /// Returns once it is gone.
    init(of fixture: PostgreSQLFixture, after last: PostgreSQLVanishedTests.Last) async throws {
        // A machine that is gone sends no probes of its own.
        let url = fixture.server.url(database: fixture.name, query: "keepalives=0&tcp_user_timeout=0")
        let connection = try PostgreSQLConnection.connect(
            to: try PostgreSQLAddress(url: url), as: "orderrelay/gone", line: .bulk, isPooled: false)
        self.connection = connection
        socket = PQsocket(connection.handle)
        var none = PreparedStatements(isPreparing: false)
        var script = PipelineScript(none)
        var statements = PostgreSQLTransactionTests.step(from: 0)
        // What it waits for is had once it hears nothing any more.
        let lock = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7)) AS l"
        let holder = last == .sends ? try await HeldTransaction(lock, in: fixture) : nil
        if last == .sends { statements.append(Statement(SQL(lock))) }
        try script.addTransaction(statements, &none, holdsCommit: true)
        let held = DispatchSemaphore(value: 0)
        work = Task { [socket, gate, script] in
            await onThread {
                let pipeline = connection.perform(script, deadline: .max) {
                    if last == .reads { hearNothing(socket) }
                    held.signal()
                    gate.wait()
                } excerpt: { _, _ in
                    "the gone client's"
                }
                #expect(pipeline.isLost || last == .sends)
            }
        }
        guard let holder else {
            await onThread { held.wait() }
            return
        }
        try await eventually("the server works for it") {
            try await fixture.server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(fixture.name)' AND wait_event = 'advisory'"
            ) == "1"
        }
        hearNothing(socket)
        try await holder.commit()
        try await eventually("the server has an answer for it") {
            try await fixture.server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(fixture.name)' AND wait_event = 'ClientRead' AND state = 'active'"
            ) == "1"
        }
    }

    /// It goes on, as one that was frozen may: with COMMIT.
    func end() async {
        shutdown(socket, Int32(SHUT_RD))
        gate.signal()
        _ = try? await work.value
        connection.close()
    }
}

/// From now on no packet reaches this socket, so that nothing is acknowledged: to its peer the machine is gone. A filter
/// (socket(7), SO_ATTACH_FILTER) of one instruction that returns 0.
private func hearNothing(_ socket: Int32) {
    // struct sock_filter: code, jt, jf, k; BPF_RET | BPF_K is 6.
    var instruction: (UInt16, UInt8, UInt8, UInt32) = (6, 0, 0, 0)
    withUnsafeMutablePointer(to: &instruction) { instruction in
        // struct sock_fprog: how many instructions, and where they are.
        var program: (UInt16, UnsafeMutableRawPointer) = (1, UnsafeMutableRawPointer(instruction))
        let result = setsockopt(
            socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, socklen_t(MemoryLayout.size(ofValue: program)))
        precondition(result == 0, "no filter on the socket: \(errno)")
    }
}
