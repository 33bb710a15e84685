/// Waits until something holds that must become true, but without an event for the test: another thread's work, another
/// process's.
///
/// - Throws: ``NeverHappened`` after `limit`, whatever `condition` throws.
package func eventually(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(60), file: String = #fileID,
    line: Int = #line, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    // Soon at first; what takes long, the more so as its processes have to answer, is asked less often.
    var pause = Duration.milliseconds(1)
    while try await !condition() {
        guard ContinuousClock.now < end else { throw NeverHappened(what: what(), within: limit, at: "\(file):\(line)") }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(50))
    }
}

/// A test's wait that timed out.
package struct NeverHappened: Error, CustomStringConvertible {
    package let what: String
    package let within: Duration
    package let at: String
    package var description: String { "within \(within) it did not happen that \(what), at \(at)" }
}
