/// When a connection may be tried. Pure: what happened goes in, with the time in milliseconds.
///
/// One is tried at a time. After a failure the next waits for a random part of 0.1 s, 0.2 s … 5 s, so that the processes
/// of a cluster do not come back all at once. A connection that is lost soon after it was made counts as a failure.
struct Reconnection: Equatable {
    static let leastMilliseconds: Int64 = 100
    static let mostMilliseconds: Int64 = 5_000
    /// A connection that has lasted for so long was a good one.
    static let steadyMilliseconds: Int64 = 5_000

    private var failures = 0
    private var notBefore = Int64.min
    private(set) var isTrying = false
    /// Whether there ever was a connection: what refused this program before that is wrong in its settings.
    private(set) var hasConnected = false

    /// When the next may be tried; nil while one is.
    var nextTry: Int64? { isTrying ? nil : notBefore }

    /// Whether one may be tried now; it then is.
    mutating func tries(at now: Int64) -> Bool {
        guard !isTrying, now >= notBefore else { return false }
        isTrying = true
        return true
    }

    mutating func succeeded() {
        isTrying = false
        hasConnected = true
        notBefore = .min
    }

    /// - Parameter random: 0..<1.
    mutating func failed(at now: Int64, random: Double) {
        isTrying = false
        failures += 1
        wait(at: now, random: random)
    }

    /// - Parameter since: when it was made.
    mutating func lost(at now: Int64, since: Int64, random: Double) {
        if now - since >= Self.steadyMilliseconds {
            failures = 0
        } else if now >= notBefore {
            // Several are lost at once where the server ends: that is one failure.
            failures += 1
            wait(at: now, random: random)
        }
    }

    private mutating func wait(at now: Int64, random: Double) {
        let most = min(Self.mostMilliseconds, Self.leastMilliseconds << Int64(min(failures - 1, 10)))
        notBefore = now + Int64(random * Double(most))
    }
}
