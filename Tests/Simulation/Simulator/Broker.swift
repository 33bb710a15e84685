import RateLimit
import World

/// A partition as its leader keeps it: records in order, each stamped with the leader's clock.
struct PartitionLog {
    struct Entry {
        var bytes: [UInt8]
        var timestamp: Milliseconds
        var appendedAt: TrueTime
    }

    private(set) var entries: [Entry] = []

    mutating func append(_ bytes: [UInt8], timestamp: Milliseconds, at now: TrueTime) {
        entries.append(Entry(bytes: bytes, timestamp: timestamp, appendedAt: now))
    }

    /// Where a starting process reads from: the last record that is at least `replay` older than the end, else 0.
    func start(replay: Milliseconds) -> Int {
        guard let end = entries.last?.timestamp else { return 0 }
        return entries.lastIndex { $0.timestamp <= end - replay } ?? 0
    }
}

/// The clock of whichever broker leads.
struct BrokerClock {
    var errorMillionths: Int64
    var offset: TrueTime = 0
    private var gains: [(at: TrueTime, by: TrueTime)] = []

    init(errorMillionths: Int64) { self.errorMillionths = errorMillionths }

    /// Another broker leads, whose clock is `new` ahead. T takes every forward move and next to nothing of a backward
    /// one, so it is the sum of the forward moves within W' + d that is bounded: 50 ms here, and the rest is for rates.
    mutating func change(to new: TrueTime, at now: TrueTime) {
        gains.removeAll { $0.at < now - 63 * second }
        let room = 50 * millisecond - gains.reduce(0) { $0 + $1.by }
        let gain = min(new - offset, room)
        if gain > 0 { gains.append((at: now, by: gain)) }
        offset += gain
    }

    func milliseconds(at now: TrueTime) -> Milliseconds {
        1_700_000_000_000 + (now + now * errorMillionths / 1_000_000 + offset) / millisecond
    }
}
