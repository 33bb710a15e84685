/// What T was at each of the partition's latest offsets.
///
/// One entry for each T that was seen, not for each record: in 30 s of T these are at most 30,000.
struct OffsetTimes: Sendable {
    private struct Entry: Sendable {
        var offset: Int64
        var time: LogTime
    }

    private var entries: [Entry] = []
    private var first = 0
    private var end: Int64 = 0

    /// The record at `offset` was read when T was `time`; what is older than `memory` is let go.
    mutating func add(_ offset: Int64, at time: LogTime, memory: Milliseconds) {
        end = offset + 1
        if entries.last?.time != time { entries.append(Entry(offset: offset, time: time)) }
        while entries[first].time < time - memory { first += 1 }
        if first > 64, first * 2 >= entries.count {
            entries.removeFirst(first)
            first = 0
        }
    }

    /// T at `offset`; nil if that is no longer remembered, or was not read.
    func time(of offset: Int64) -> LogTime? {
        guard offset < end, first < entries.count, entries[first].offset <= offset else { return nil }
        var low = first
        var high = entries.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if entries[middle].offset <= offset { low = middle } else { high = middle }
        }
        return entries[low].time
    }
}
