/// The life of one member of a consumer group, as a pure value: reports of the library and of the partitions' owner go
/// in as events, actions come out, in order.
///
/// joining → starting (positions are asked for) → reading → draining (streams ended, owners finishing) → committing →
/// joining again, or leaving → ended. Every state that waits for someone else has a deadline, which comes in as
/// `timeUp`.
struct Membership {
    enum State: Equatable {
        /// Nothing is assigned.
        case joining
        case starting(waiting: Set<TopicPartition>, positions: [TopicPartition: StartOffset])
        /// `open`: whose owners have not returned; of those `assigned`.
        case reading(open: Set<TopicPartition>, assigned: Set<TopicPartition>)
        case draining(open: Set<TopicPartition>, assigned: Set<TopicPartition>, End)
        case committing(assigned: Set<TopicPartition>, End)
        /// The group is being left.
        case leaving
        case ended
    }

    /// Why partitions are released.
    struct End: Equatable {
        /// The library asked for them, and waits to be answered.
        var isRevoked: Bool
        /// The consumer closes: it leaves the group afterwards.
        var isClosing: Bool
    }

    enum Action: Equatable {
        /// Ask the owner where each is to be read from.
        case askPositions([TopicPartition])
        /// These positions did not come in time: the others are read without them.
        case reportLate([TopicPartition])
        /// A late position has come: read this one beside the others, and start an owner for it.
        case assignAlso(TopicPartition, StartOffset)
        /// Tell the library to read these, and start an owner for each.
        case assign([TopicPartition: StartOffset])
        /// Streams give nil from now on; lost ones accept no further positions.
        case endStreams(Set<TopicPartition>, lost: Bool)
        /// The owners of these did not return in time: their streams accept no further positions.
        case abandon(Set<TopicPartition>)
        /// Send what positions there are, and report `committed`.
        case commit
        /// Send no positions until the next assignment.
        case holdCommits
        /// Send positions again.
        case releaseCommits
        /// Answer the library: nothing is read any more.
        case unassign
        case becomeReady
        case startClock(Clock)
        case stopClock
        /// Leave the group.
        case leave
        case finish
    }

    enum Clock: Equatable { case start, drain, commit, leave }

    private(set) var state = State.joining
    /// Counts assignments; answers that belong to an earlier one are ignored.
    private(set) var epoch = 0
    /// Assigned partitions whose positions are still awaited while the others are read already.
    private(set) var late: Set<TopicPartition> = []

    /// The partitions that are assigned now.
    var assignment: Set<TopicPartition> {
        switch state {
        case .joining, .leaving, .ended: []
        case .starting(let waiting, let positions): waiting.union(positions.keys)
        case .reading(_, let assigned): assigned.union(late)
        case .draining(_, let assigned, _), .committing(let assigned, _): assigned
        }
    }

    // MARK: From the library

    /// The group has assigned these, in place of what was assigned before.
    mutating func assigned(_ partitions: Set<TopicPartition>) -> [Action] {
        switch state {
        case .leaving, .ended: return [.unassign]
        case .joining: break
        case .starting, .reading, .draining, .committing:
            // The library revokes first; if it ever does not, the earlier assignment is lost.
            let before = assignment
            state = .joining
            return [.endStreams(before, lost: true), .holdCommits] + assigned(partitions)
        }
        epoch += 1
        late = []
        guard !partitions.isEmpty else {
            state = .reading(open: [], assigned: [])
            return [.assign([:]), .releaseCommits, .becomeReady]
        }
        state = .starting(waiting: partitions, positions: [:])
        return [.askPositions(partitions.sorted(by: Self.order)), .startClock(.start)]
    }

    /// The group revokes everything; `lost`: it has done so already.
    mutating func revoked(lost: Bool) -> [Action] {
        switch state {
        case .joining, .leaving, .ended: return [.unassign]
        case .starting:
            state = .joining
            return [.stopClock, .unassign]
        case .reading(let open, let assigned):
            if lost { return lose(assigned, isClosing: false) }
            return drain(open, assigned, End(isRevoked: true, isClosing: false))
        case .draining(let open, let assigned, let end):
            if lost { return lose(assigned, isClosing: end.isClosing) }
            state = .draining(open: open, assigned: assigned, End(isRevoked: true, isClosing: end.isClosing))
            return []
        case .committing(let assigned, let end):
            if lost { return lose(assigned, isClosing: end.isClosing) }
            state = .committing(assigned: assigned, End(isRevoked: true, isClosing: end.isClosing))
            return []
        }
    }

    /// The group has been left.
    mutating func left() -> [Action] {
        guard case .leaving = state else { return [] }
        state = .ended
        return [.stopClock, .finish]
    }

    // MARK: From the owner

    /// The owner said where to start, or nil: it cannot.
    mutating func positioned(_ partition: TopicPartition, _ start: StartOffset?, epoch: Int) -> [Action] {
        guard epoch == self.epoch else { return [] }
        switch state {
        case .starting(var waiting, var positions):
            guard waiting.remove(partition) != nil else { return [] }
            positions[partition] = start
            state = .starting(waiting: waiting, positions: positions)
            return waiting.isEmpty ? read(positions) : []
        case .reading(var open, var assigned):
            guard late.remove(partition) != nil, let start else { return [] }
            open.insert(partition)
            assigned.insert(partition)
            state = .reading(open: open, assigned: assigned)
            return [.assignAlso(partition, start)]
        case .joining, .draining, .committing, .leaving, .ended: return []
        }
    }

    /// The owner of a partition has returned.
    mutating func ownerReturned(_ partition: TopicPartition, epoch: Int) -> [Action] {
        guard epoch == self.epoch else { return [] }
        switch state {
        case .reading(var open, let assigned):
            open.remove(partition)
            state = .reading(open: open, assigned: assigned)
            return []
        case .draining(var open, let assigned, let end):
            open.remove(partition)
            guard open.isEmpty else {
                state = .draining(open: open, assigned: assigned, end)
                return []
            }
            state = .committing(assigned: assigned, end)
            return [.startClock(.commit), .commit]
        case .joining, .starting, .committing, .leaving, .ended: return []
        }
    }

    // MARK: From ourselves

    /// Positions have been sent and answered.
    mutating func committed() -> [Action] {
        guard case .committing(_, let end) = state else { return [] }
        let answer: [Action] = [.stopClock, .holdCommits] + (end.isRevoked ? [.unassign] : [])
        guard end.isClosing else {
            state = .joining
            return answer
        }
        state = .leaving
        return answer + [.startClock(.leave), .leave]
    }

    /// The consumer is to close.
    mutating func close() -> [Action] {
        switch state {
        case .joining:
            state = .leaving
            return [.startClock(.leave), .leave]
        case .starting:
            state = .leaving
            return [.unassign, .startClock(.leave), .leave]
        case .reading(let open, let assigned):
            return drain(open, assigned, End(isRevoked: false, isClosing: true))
        case .draining(let open, let assigned, let end):
            state = .draining(open: open, assigned: assigned, End(isRevoked: end.isRevoked, isClosing: true))
            // The clock of closing may be shorter than that of draining.
            return [.startClock(.drain)]
        case .committing(let assigned, let end):
            state = .committing(assigned: assigned, End(isRevoked: end.isRevoked, isClosing: true))
            return []
        case .leaving, .ended: return []
        }
    }

    /// The clock that was started last has run out.
    mutating func timeUp() -> [Action] {
        switch state {
        case .starting(let waiting, let positions):
            late = waiting
            return read(positions) + [.reportLate(waiting.sorted(by: Self.order))]
        case .draining(let open, let assigned, let end):
            state = .committing(assigned: assigned, end)
            return [.abandon(open), .startClock(.commit), .commit]
        case .committing: return committed()
        case .leaving: return left()
        case .joining, .reading, .ended: return []
        }
    }

    // MARK: Shared ends

    private mutating func read(_ positions: [TopicPartition: StartOffset]) -> [Action] {
        let partitions = Set(positions.keys)
        state = .reading(open: partitions, assigned: partitions)
        return [.stopClock, .assign(positions), .releaseCommits, .becomeReady]
    }

    private mutating func drain(_ open: Set<TopicPartition>, _ assigned: Set<TopicPartition>, _ end: End) -> [Action] {
        guard !open.isEmpty else {
            state = .committing(assigned: assigned, end)
            return [.endStreams(assigned, lost: false), .startClock(.commit), .commit]
        }
        state = .draining(open: open, assigned: assigned, end)
        return [.endStreams(assigned, lost: false), .startClock(.drain)]
    }

    private mutating func lose(_ assigned: Set<TopicPartition>, isClosing: Bool) -> [Action] {
        let actions: [Action] = [.stopClock, .endStreams(assigned, lost: true), .holdCommits, .unassign]
        guard isClosing else {
            state = .joining
            return actions
        }
        state = .leaving
        return actions + [.startClock(.leave), .leave]
    }

    private static func order(_ one: TopicPartition, _ other: TopicPartition) -> Bool {
        (one.topic, one.partition) < (other.topic, other.partition)
    }
}
