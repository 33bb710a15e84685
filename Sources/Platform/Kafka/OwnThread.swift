internal import CLibrdkafka
internal import Glibc

/// Runs `body` on a thread of its own, which ends with it: for calls of the library that block.
///
/// Swift's own pool must never be blocked. The thread is named for debuggers (15 bytes at most).
func onOwnThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(name: name, run: body))
    var thread: pthread_t = 0
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let failure = pthread_create(&thread, &attributes, startThread, box.toOpaque())
    pthread_attr_destroy(&attributes)
    // Without threads nothing of this process can go on.
    precondition(failure == 0, "no thread could be started (error \(failure)): raise the limit of threads")
}

/// The result of `body`, run on a thread of its own.
func blocking<Success: Sendable>(
    _ name: String, _ body: @escaping @Sendable () throws(KafkaError) -> Success
) async throws(KafkaError) -> Success {
    let result: Result<Success, KafkaError> = await withUnsafeContinuation { continuation in
        onOwnThread(name) {
            continuation.resume(returning: Result { () throws(KafkaError) in try body() })
        }
    }
    return try result.get()
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

private func startThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let body = Unmanaged<ThreadBody>.fromOpaque(context!).takeRetainedValue()
    orderrelay_name_thread(body.name)
    body.run()
    return nil
}
