import Foundation

/// Runs what blocks on a thread of its own, so that a test that waits holds nobody up: Swift's pool has as many threads
/// as the machine has cores.
package func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { waiter in
        Thread.detachNewThread { waiter.resume(returning: body()) }
    }
}

/// As above, of what may throw.
package func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await onThread { Result { try body() } }.get()
}
