import Lifecycle
import Synchronization

/// Rings for each name at the time set for it; setting a time again can only move it earlier. One sleeping task for all
/// names.
final class Alarm<Name: Hashable & Sendable>: Sendable {
    private let time: any Timekeeper
    private let wakeUps = Mutex(WakeUps<Name>())
    private let clock: AlarmClock

    init(time: any Timekeeper) {
        self.time = time
        clock = AlarmClock(time: time)
    }

    /// - Parameter ring: called for every name that is due then; the same closure for all names.
    func set(_ name: Name, at instant: ContinuousClock.Instant, ring: @escaping @Sendable (Name) -> Void) {
        let first = wakeUps.withLock { wakeUps in
            wakeUps.add(name, at: instant)
            return wakeUps.first
        }
        if let first { clock.set(at: first) { [weak self] in self?.rang(ring) } }
    }

    func remove(_ name: Name) { wakeUps.withLock { $0.remove(name) } }

    private func rang(_ ring: @escaping @Sendable (Name) -> Void) {
        let now = time.now
        let (names, next) = wakeUps.withLock { wakeUps in (wakeUps.due(at: now), wakeUps.first) }
        for name in names { ring(name) }
        if let next { clock.set(at: next) { [weak self] in self?.rang(ring) } }
    }

    func cancel() {
        clock.cancel()
        wakeUps.withLock { $0 = WakeUps() }
    }

    /// Whether nothing is due.
    func isAtRest(at now: ContinuousClock.Instant) -> Bool { wakeUps.withLock { $0.first.map { $0 > now } ?? true } }
}
