import CJemalloc

/// jemalloc (jemalloc.net) in the place of the C library's allocator, for the whole program.
///
/// A request's memory is taken on one thread and given back on another, thousands of times over before the first is done;
/// the C library then waits for its locks and keeps what a burst has left. Linking this room is what replaces it; only
/// programs do, never tests, since the sanitizers bring allocators of their own.
public enum Allocator {
    /// From here on threads of the allocator's own give memory that is no longer used back to the system, some ten seconds
    /// after it was freed, also where nothing else happens.
    ///
    /// - Returns: whether they run; without them memory is given back only by threads that go on allocating.
    @discardableResult
    public static func startBackgroundThreads() -> Bool {
        var isOn = true
        return mallctl("background_thread", nil, nil, &isOn, MemoryLayout<Bool>.size) == 0
    }
}
