/// What will happen, earliest first; of two at the same instant the one that was planned first.
///
/// Inlinable, so that it is specialised for each simulator's events: most of a simulation's time is spent here.
public struct EventQueue<Event> {
    @usableFromInline
    struct Entry {
        @usableFromInline var at: TrueTime
        @usableFromInline var order: UInt64
        @usableFromInline var event: Event

        @inlinable
        init(at: TrueTime, order: UInt64, event: Event) {
            self.at = at
            self.order = order
            self.event = event
        }

        @inlinable
        func precedes(_ other: Entry) -> Bool { at != other.at ? at < other.at : order < other.order }
    }

    @usableFromInline var heap: [Entry] = []
    @usableFromInline var planned: UInt64 = 0

    @inlinable
    public init() {}

    @inlinable
    public mutating func plan(_ event: Event, at instant: TrueTime) {
        planned += 1
        heap.append(Entry(at: instant, order: planned, event: event))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    @inlinable
    public mutating func next() -> (at: TrueTime, event: Event)? {
        guard !heap.isEmpty else { return nil }
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            let left = 2 * parent + 1
            if left < heap.count, heap[left].precedes(heap[least]) { least = left }
            if left + 1 < heap.count, heap[left + 1].precedes(heap[least]) { least = left + 1 }
            guard least != parent else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.at, first.event)
    }
}
