public import Telemetry

extension Outage {
    /// Tries until it succeeds; in the meantime the log and ``words`` say what is unavailable.
    ///
    /// - Parameters:
    ///   - reason: what distinguishes one reason from another if an error's words change with every attempt.
    ///   - mayPass: whether waiting may help; other errors are thrown.
    ///   - owner: the outage that an error belongs to; nil: this one.
    ///   - work: may run for a long time, like reading a topic: it calls its argument once it serves; if it throws
    ///     after that, it is retried without the waits of earlier failures.
    /// - Throws: errors for which `mayPass` is false, and `CancellationError` as soon as the task is cancelled.
    public func persistently<Result>(
        policy: RetryPolicy = .dependency, time: any Timekeeper = SystemTime(), random: Randomness = .system,
        reason: (any Error) -> String? = { _ in nil }, owner: (any Error) -> Outage? = { _ in nil },
        mayPass: (any Error) -> Bool = { _ in true }, _ work: (_ serves: () -> Void) async throws -> Result
    ) async throws -> Result {
        var failures = 0
        var other: Outage?
        while true {
            do {
                let result = try await work {
                    failures = 0
                    self.ends()
                    other?.ends()
                }
                ends()
                other?.ends()
                return result
            } catch let error where mayPass(error) {
                try Task.checkCancellation()
                failures += 1
                other = owner(error) ?? other
                (owner(error) ?? self).goesOn("\(error)", reason: reason(error))
                try await time.sleep(until: time.now + policy.delay(afterFailures: failures, random: random))
            }
        }
    }
}
