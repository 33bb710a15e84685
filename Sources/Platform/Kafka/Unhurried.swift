internal import CLibrdkafka

/// Runs `make`; threads that it starts, and those that these start, may wake up to 1 ms late (timer slack, prctl(2)).
///
/// The library (2.0.2) cuts its waits down to whole milliseconds and spins for what is left: a client's main thread at each of
/// its timers, at least once a second (0.08 % of a core a client that has nothing to do; 0.02 % so), the mock cluster's at each
/// fetch that it holds.
func unhurried<Result>(_ make: () -> Result) -> Result {
    let before = orderrelay_timer_slack(1_000_000)
    // What could not be read is left; 0 would stand for the default.
    defer { if before > 0 { _ = orderrelay_timer_slack(UInt(before)) } }
    return make()
}
