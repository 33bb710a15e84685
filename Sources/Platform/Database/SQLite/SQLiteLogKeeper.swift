import CSQLite

/// Keeps the write-ahead log short: copies it into the database from time to time, and begins it anew.
///
/// SQLite's own way tries after every commit once the log is longer than it should be, each time with two
/// synchronisations, and never begins the log anew while some reader of some process is at it, which between busy
/// processes is always: the log then grows without end, and every commit waits. So here a copy is made once in so many
/// pages, and a log that has become long is begun anew by asking the readers to leave it, which each does with its
/// statement.
final class SQLiteLogKeeper {
    /// The log is copied every so many pages (of 4 KiB). SQLite's default of 1,000 makes a busy writer wait for the two
    /// extra synchronisations several times a second.
    private static let copyPages: Int32 = 4_000
    /// A log of so many pages (64 MiB) is begun anew: until then it has mostly happened by itself.
    private static let restartPages: Int32 = 16_000
    /// Other processes can't write while the readers are waited for.
    private static let patienceMilliseconds: Int64 = 250

    private let patience: SQLitePatience
    /// The length at which something is done next.
    private var due = SQLiteLogKeeper.copyPages
    private var length: Int32 = 0

    /// - Parameter patience: that of the same connection.
    init(patience: SQLitePatience) { self.patience = patience }

    /// Registers itself, in the place of SQLite's own way; must outlive the connection.
    func register(in handle: OpaquePointer) {
        sqlite3_wal_hook(handle, keepLog, Unmanaged.passUnretained(self).toOpaque())
    }

    /// After a commit, when nothing is locked. What fails is tried again, some pages later.
    func committed(_ handle: OpaquePointer, pages: Int32) {
        // Shorter than it was: someone has begun it anew.
        if pages < length { due = Self.copyPages }
        length = pages
        guard pages >= due else { return }
        due = pages + Self.copyPages
        if pages < Self.restartPages {
            sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        } else {
            patience.limited(toMilliseconds: Self.patienceMilliseconds) {
                sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_RESTART, nil, nil)
            }
        }
    }
}

private func keepLog(
    context: UnsafeMutableRawPointer?, handle: OpaquePointer?, name: UnsafePointer<CChar>?, pages: Int32
) -> Int32 {
    guard let context, let handle else { return SQLITE_OK }
    Unmanaged<SQLiteLogKeeper>.fromOpaque(context).takeUnretainedValue().committed(handle, pages: pages)
    return SQLITE_OK
}
