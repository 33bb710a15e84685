import Glibc
import Primitives
import Testing

@Suite struct ThreadTests {
    @Test("a thread runs its body apart, named, and no signal from outside reaches it")
    func thread() async {
        let seen = Once<(name: String, blocksPipe: Bool, blocksFaults: Bool)>()
        startThread("a-thread-of-ours") {
            var set = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &set)
            let file = open("/proc/thread-self/comm", O_RDONLY)
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = read(file, &bytes, bytes.count)
            close(file)
            seen.give(
                (
                    String(decoding: bytes[..<max(0, count)], as: UTF8.self), sigismember(&set, SIGPIPE) == 1,
                    sigismember(&set, SIGSEGV) == 1
                ))
        }
        let thread = await seen.value
        #expect(thread.name == "a-thread-of-our\n" && thread.blocksPipe && !thread.blocksFaults)
    }

    @Test("the clocks go on, in the units that they say")
    func clocks() {
        for clock in [MachineClock.wall, .monotonic, .boot] {
            let (milliseconds, nanoseconds) = (clock.milliseconds, clock.nanoseconds)
            #expect(nanoseconds / 1_000_000 - milliseconds < 10_000 && milliseconds > 0)
            #expect(clock.nanoseconds >= nanoseconds || clock == .wall)
        }
    }
}
