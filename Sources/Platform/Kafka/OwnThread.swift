internal import Primitives

/// The result of `body`, run on a thread of its own: for calls of the library that block.
func blocking<Success: Sendable>(
    _ name: StaticString, _ body: @escaping @Sendable () throws(KafkaError) -> Success
) async throws(KafkaError) -> Success {
    let result: Result<Success, KafkaError> = await withUnsafeContinuation { continuation in
        startThread(name) {
            continuation.resume(returning: Result { () throws(KafkaError) in try body() })
        }
    }
    return try result.get()
}

extension Duration {
    /// Whole milliseconds, rounded down; at least 0.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
