import CSQLite
import Glibc
import Primitives

/// How long a connection waits for a lock that another process holds.
///
/// A lock of another process has no event to wait for. SQLite's own busy time-out sleeps up to 100 ms between its
/// tries, and so starves beside a program that commits every few milliseconds; this one tries every 1–5 ms.
final class SQLitePatience {
    private var limitMilliseconds: Int64
    private var began: Int64 = 0

    init(limitMilliseconds: Int64) { self.limitMilliseconds = limitMilliseconds }

    /// Registers itself; must outlive the connection.
    func register(in handle: OpaquePointer) -> Int32 {
        sqlite3_busy_handler(handle, waitForLock, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Waits no longer than this in what `work` does.
    func limited(toMilliseconds limit: Int64, _ work: () -> Void) {
        let usual = limitMilliseconds
        limitMilliseconds = min(usual, limit)
        work()
        limitMilliseconds = usual
    }

    /// Waits a little before the next try; false where the time is up.
    func wait(tries: Int32) -> Bool {
        let now = MachineClock.monotonic.milliseconds
        if tries == 0 { began = now }
        guard now - began < limitMilliseconds else { return false }
        usleep(UInt32(min(1 + tries / 4, 5)) * 1000)
        return true
    }
}

private func waitForLock(context: UnsafeMutableRawPointer?, tries: Int32) -> Int32 {
    Unmanaged<SQLitePatience>.fromOpaque(context!).takeUnretainedValue().wait(tries: tries) ? 1 : 0
}
