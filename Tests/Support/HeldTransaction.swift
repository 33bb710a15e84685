package import Database
import Foundation

/// A transaction of another program's on PostgreSQL, which has run and is not committed before it is told to be.
package final class HeldTransaction: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let database: any Database
    private let work: Task<Void, any Error>

    /// Returns once the statements have run.
    ///
    /// - Parameters:
    ///   - statements: one of them is a fence.
    ///   - url: of the database.
    package init(_ statements: [Statement], at url: String) async throws {
        let held = DispatchSemaphore(value: 0)
        database = try Databases(
            url: url, options: PostgreSQLOptions(name: "holder"),
            fenceHeld: { [gate] in
                held.signal()
                gate.wait()
            }, now: { 0 }
        ).open()
        work = Task { [database] in _ = try await database.transaction(statements) }
        await onThread { held.wait() }
    }

    package func commit() async throws {
        gate.signal()
        try await work.value
        await database.close()
    }
}
