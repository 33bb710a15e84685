import CJemalloc

/// jemalloc (jemalloc.net) in place of the C library's allocator, for the whole program.
///
/// A request's memory is allocated on one thread and freed on another, for thousands of requests at once; the C library
/// then contends for its locks and keeps the memory of a burst. Linking this target replaces it; only programs do,
/// never tests, since the sanitizers bring allocators of their own.
public enum Allocator {
    /// How long freed memory is kept for reuse: a second is enough for a busy process, while with the library's default
    /// of ten a worker that catches up holds twice what it uses.
    private static let keptMilliseconds = 1_000
    /// The library's number for all existing arenas (MALLCTL_ARENAS_ALL).
    private static let everyArena = 4096

    /// From here on background threads of the allocator return unused memory to the system, even when the process is
    /// idle. If the library refuses, only threads that go on allocating return it.
    public static func startGivingBack() {
        set("background_thread", true)
        // For future arenas, and for the existing ones.
        set("arenas.dirty_decay_ms", keptMilliseconds)
        set("arena.\(everyArena).dirty_decay_ms", keptMilliseconds)
    }

    private static func set<Value: BitwiseCopyable>(_ name: String, _ value: Value) {
        var value = value
        _ = mallctl(name, nil, nil, &value, MemoryLayout<Value>.size)
    }
}
