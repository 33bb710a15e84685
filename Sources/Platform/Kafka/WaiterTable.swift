/// Those who wait for an answer, each with a deadline: a pure value, whose clock comes from outside.
///
/// A waiter is known by a ticket that fits into a pointer, which travels through the client library and back. A ticket
/// is good for one answer: a second one, or one after the deadline, finds nobody and does no harm. Deadlines are kept
/// in a wheel of ticks, so that adding, answering and expiring cost the same however many wait.
struct WaiterTable<Waiter> {
    /// Slot in the low half, the slot's generation (from 1) in the high half; never 0.
    typealias Ticket = UInt64

    private struct Slot {
        var waiter: Waiter?
        var generation: UInt32 = 1
        var deadlineTick: Int64 = 0
        /// Neighbours in the wheel's list, or the next free slot; -1: none.
        var next: Int32 = -1
        var previous: Int32 = -1
    }

    /// One tick in milliseconds: how late a deadline may be noticed.
    static var tickMilliseconds: Int64 { 8 }
    private static var wheelSize: Int { 1024 }

    private var slots: [Slot] = []
    private var firstFree: Int32 = -1
    private var wheel = [Int32](repeating: -1, count: WaiterTable.wheelSize)
    /// All ticks up to this one have been expired.
    private var expiredTick: Int64
    /// How many wait.
    private(set) var count = 0

    /// - Parameter now: milliseconds of any steady clock, the same for all calls.
    init(now: Int64) { expiredTick = now / Self.tickMilliseconds }

    /// Adds a waiter, to be expired at `deadline`.
    mutating func add(_ waiter: Waiter, deadline: Int64) -> Ticket {
        var index = firstFree
        if index >= 0 {
            firstFree = slots[Int(index)].next
        } else {
            index = Int32(slots.count)
            slots.append(Slot())
        }
        let tick = max(deadline / Self.tickMilliseconds + 1, expiredTick + 1)
        let place = Int(tick % Int64(Self.wheelSize))
        let head = wheel[place]
        slots[Int(index)].waiter = waiter
        slots[Int(index)].deadlineTick = tick
        slots[Int(index)].next = head
        slots[Int(index)].previous = -1
        if head >= 0 { slots[Int(head)].previous = index }
        wheel[place] = index
        count += 1
        return UInt64(slots[Int(index)].generation) << 32 | UInt64(UInt32(bitPattern: index))
    }

    /// Takes the waiter of a ticket, which is then spent; nil if it was spent before.
    mutating func take(_ ticket: Ticket) -> Waiter? {
        let index = Int(ticket & 0xFFFF_FFFF)
        guard index < slots.count, slots[index].generation == UInt32(ticket >> 32), slots[index].waiter != nil else {
            return nil
        }
        return remove(index)
    }

    /// Takes those whose deadline has passed.
    mutating func expire(now: Int64) -> [Waiter] {
        let nowTick = now / Self.tickMilliseconds
        guard count > 0 else {
            expiredTick = max(expiredTick, nowTick)
            return []
        }
        var expired: [Waiter] = []
        // After a long sleep one turn of the wheel sees every slot.
        var tick = max(expiredTick, nowTick - Int64(Self.wheelSize))
        while tick < nowTick {
            tick += 1
            var index = wheel[Int(tick % Int64(Self.wheelSize))]
            while index >= 0 {
                let next = slots[Int(index)].next
                if slots[Int(index)].deadlineTick <= nowTick { expired.append(remove(Int(index))!) }
                index = next
            }
        }
        expiredTick = max(expiredTick, nowTick)
        return expired
    }

    /// Milliseconds until the next deadline that lies at most `maximum` ahead; else `maximum`.
    func millisecondsToNextDeadline(now: Int64, maximum: Int64) -> Int64 {
        guard count > 0 else { return maximum }
        let last = (now + maximum) / Self.tickMilliseconds
        var tick = expiredTick + 1
        while tick <= last {
            var index = wheel[Int(tick % Int64(Self.wheelSize))]
            while index >= 0 {
                if slots[Int(index)].deadlineTick <= tick {
                    return max(0, min(maximum, tick * Self.tickMilliseconds - now))
                }
                index = slots[Int(index)].next
            }
            tick += 1
        }
        return maximum
    }

    /// Takes everyone.
    mutating func takeAll() -> [Waiter] {
        slots.indices.compactMap { slots[$0].waiter == nil ? nil : remove($0) }
    }

    private mutating func remove(_ index: Int) -> Waiter? {
        let waiter = slots[index].waiter
        let (previous, next) = (slots[index].previous, slots[index].next)
        if previous >= 0 {
            slots[Int(previous)].next = next
        } else {
            wheel[Int(slots[index].deadlineTick % Int64(Self.wheelSize))] = next
        }
        if next >= 0 { slots[Int(next)].previous = previous }
        slots[index].waiter = nil
        slots[index].generation = slots[index].generation == .max ? 1 : slots[index].generation + 1
        slots[index].next = firstFree
        slots[index].previous = -1
        firstFree = Int32(index)
        count -= 1
        return waiter
    }
}
