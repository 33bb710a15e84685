import CJemalloc

/// jemalloc (jemalloc.net) in the place of the C library's allocator, for the whole program.
///
/// A request's memory is taken on one thread and given back on another, thousands of times over before the first is done;
/// the C library then waits for its locks and keeps what a burst has left. Linking this room is what replaces it; only
/// programs do, never tests, since the sanitizers bring allocators of their own.
public enum Allocator {
    /// How long memory that was freed is kept for who asks next: a second is enough for a busy process, while the
    /// library's own ten let a worker that is behind stand at twice what it uses.
    private static let keptMilliseconds = 1_000
    /// The library's number for all arenas there are (MALLCTL_ARENAS_ALL).
    private static let everyArena = 4096

    /// From here on threads of the allocator's own give memory that is no longer used back to the system, also where nothing
    /// else happens. Where the library refuses, only threads that go on allocating do.
    public static func startGivingBack() {
        set("background_thread", true)
        // For arenas to come, and for those that there are.
        set("arenas.dirty_decay_ms", keptMilliseconds)
        set("arena.\(everyArena).dirty_decay_ms", keptMilliseconds)
    }

    private static func set<Value: BitwiseCopyable>(_ name: String, _ value: Value) {
        var value = value
        _ = mallctl(name, nil, nil, &value, MemoryLayout<Value>.size)
    }
}
