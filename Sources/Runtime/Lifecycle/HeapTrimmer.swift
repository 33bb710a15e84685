import Glibc
import Synchronization

/// Gives memory that is no longer used back to the system, every half a minute.
///
/// A worker that has been behind held thousands of records at once; afterwards the C library keeps their pages for blocks
/// that never come. To give them back takes some milliseconds (malloc_trim(3)), too long only for who is waited for.
public final class HeapTrimmer: Service {
    private static let interval: Duration = .seconds(30)

    public let name = "heap"
    private let time: any Timekeeper
    private let task = Mutex<Task<Void, Never>?>(nil)

    public init(time: any Timekeeper = SystemTime()) { self.time = time }

    public var notReady: String? { nil }

    public func start() async throws {
        let task = Task { [time] in
            while (try? await time.sleep(until: time.now + Self.interval)) != nil { Self.trim() }
        }
        self.task.withLock { $0 = task }
    }

    public func stop(by deadline: ContinuousClock.Instant) async { task.withLock { $0 }?.cancel() }

    static func trim() { _ = mallocTrim?(0) }

    /// Looked up by name, since Swift's module of the C library leaves its header out; nil where another allocator stands in
    /// the C library's place.
    private static let mallocTrim = dlsym(nil, "malloc_trim").map {
        unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
    }
}
