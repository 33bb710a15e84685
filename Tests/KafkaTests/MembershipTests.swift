import Testing

@testable import Kafka

@Suite("The life of a group's member") struct MembershipTests {
    let one = TopicPartition(topic: "orders", partition: 1)
    let two = TopicPartition(topic: "orders", partition: 2)

    /// A member that reads both partitions.
    func reading() -> Membership {
        var member = Membership()
        _ = member.assigned([one, two])
        _ = member.positioned(one, .offset(1), epoch: 1)
        _ = member.positioned(two, .offset(2), epoch: 1)
        return member
    }

    @Test("partitions are read once every position is known")
    func starting() {
        var member = Membership()
        #expect(member.assigned([two, one]) == [.askPositions([one, two]), .startClock(.start)])
        #expect(member.positioned(one, .offset(5), epoch: 1) == [])
        #expect(
            member.positioned(two, .beginning, epoch: 1)
                == [.stopClock, .assign([one: .offset(5), two: .beginning]), .releaseCommits, .becomeReady])
        #expect(member.assignment == [one, two])
    }

    @Test("an empty assignment makes a member ready too")
    func empty() {
        var member = Membership()
        #expect(member.assigned([]) == [.assign([:]), .releaseCommits, .becomeReady])
        #expect(member.revoked(lost: false) == [.endStreams([], lost: false), .startClock(.commit), .commit])
    }

    @Test("a partition without a position is left out, the others are read")
    func noPosition() {
        var member = Membership()
        _ = member.assigned([one, two])
        _ = member.positioned(one, nil, epoch: 1)
        #expect(
            member.positioned(two, .offset(2), epoch: 1)
                == [.stopClock, .assign([two: .offset(2)]), .releaseCommits, .becomeReady])
        #expect(member.positioned(one, .offset(1), epoch: 1) == [])
    }

    @Test("a position that comes late joins those that are read")
    func late() {
        var member = Membership()
        _ = member.assigned([one, two])
        _ = member.positioned(one, .offset(1), epoch: 1)
        #expect(
            member.timeUp()
                == [.stopClock, .assign([one: .offset(1)]), .releaseCommits, .becomeReady, .reportLate([two])])
        #expect(member.assignment == [one, two])
        #expect(member.positioned(two, .offset(2), epoch: 1) == [.assignAlso(two, .offset(2))])
        #expect(member.positioned(two, .offset(2), epoch: 1) == [])
        #expect(member.state == .reading(open: [one, two], assigned: [one, two]))
    }

    @Test("a position of an earlier assignment is not taken for this one's")
    func staleEpoch() {
        var member = Membership()
        _ = member.assigned([one])
        #expect(member.revoked(lost: false) == [.stopClock, .unassign])
        _ = member.assigned([one])
        #expect(member.positioned(one, .offset(9), epoch: 1) == [])
        #expect(member.positioned(one, .offset(3), epoch: 2).contains(.assign([one: .offset(3)])))
    }

    @Test("on revoke: owners finish, then positions are copied, then the partitions are given back")
    func revoke() {
        var member = reading()
        #expect(member.revoked(lost: false) == [.endStreams([one, two], lost: false), .startClock(.drain)])
        #expect(member.ownerReturned(one, epoch: 1) == [])
        #expect(member.ownerReturned(two, epoch: 1) == [.startClock(.commit), .commit])
        #expect(member.committed() == [.stopClock, .holdCommits, .unassign])
        #expect(member.state == .joining)
    }

    @Test("an owner that does not finish in time is abandoned; the others' positions are copied")
    func drainTimesOut() {
        var member = reading()
        _ = member.revoked(lost: false)
        _ = member.ownerReturned(one, epoch: 1)
        #expect(member.timeUp() == [.abandon([two]), .startClock(.commit), .commit])
        #expect(member.timeUp() == [.stopClock, .holdCommits, .unassign])
    }

    @Test("what is lost is given up at once, and no position of it is copied")
    func lost() {
        var member = reading()
        #expect(
            member.revoked(lost: true)
                == [.stopClock, .endStreams([one, two], lost: true), .holdCommits, .unassign])
        #expect(member.ownerReturned(one, epoch: 1) == [])
    }

    @Test("an owner that returns early is not waited for")
    func earlyReturn() {
        var member = reading()
        _ = member.ownerReturned(one, epoch: 1)
        _ = member.revoked(lost: false)
        #expect(member.ownerReturned(two, epoch: 1) == [.startClock(.commit), .commit])
    }

    @Test("an owner of an earlier assignment that returns is not taken for this one's")
    func staleOwner() {
        var member = reading()
        _ = member.revoked(lost: true)
        _ = member.assigned([one])
        _ = member.positioned(one, .offset(1), epoch: 2)
        _ = member.revoked(lost: false)
        #expect(member.ownerReturned(one, epoch: 1) == [])
        #expect(member.ownerReturned(one, epoch: 2) == [.startClock(.commit), .commit])
    }

    @Test("closing drains, copies positions, and leaves; the library's last revocation is answered")
    func closing() {
        var member = reading()
        #expect(member.close() == [.endStreams([one, two], lost: false), .startClock(.drain)])
        _ = member.ownerReturned(one, epoch: 1)
        #expect(member.ownerReturned(two, epoch: 1) == [.startClock(.commit), .commit])
        #expect(member.committed() == [.stopClock, .holdCommits, .startClock(.leave), .leave])
        #expect(member.revoked(lost: false) == [.unassign])
        #expect(member.left() == [.stopClock, .finish])
        #expect(member.left() == [])
        #expect(member.close() == [])
    }

    @Test("a revocation while closing is answered before leaving")
    func revokedWhileClosing() {
        var member = reading()
        _ = member.close()
        #expect(member.revoked(lost: false) == [])
        _ = member.ownerReturned(one, epoch: 1)
        _ = member.ownerReturned(two, epoch: 1)
        #expect(member.committed() == [.stopClock, .holdCommits, .unassign, .startClock(.leave), .leave])
    }

    @Test("closing while a revocation drains leaves after it")
    func closeWhileRevoked() {
        var member = reading()
        _ = member.revoked(lost: false)
        #expect(member.close() == [.startClock(.drain)])
        _ = member.ownerReturned(one, epoch: 1)
        _ = member.ownerReturned(two, epoch: 1)
        #expect(member.committed() == [.stopClock, .holdCommits, .unassign, .startClock(.leave), .leave])
    }

    @Test("closing while positions are asked for answers the library first")
    func closeWhileStarting() {
        var member = Membership()
        _ = member.assigned([one])
        #expect(member.close() == [.unassign, .startClock(.leave), .leave])
        #expect(member.positioned(one, .offset(1), epoch: 1) == [])
    }

    @Test("a group that cannot be left in time is left alone")
    func leavingTimesOut() {
        var member = Membership()
        _ = member.close()
        #expect(member.timeUp() == [.stopClock, .finish])
        #expect(member.assigned([one]) == [.unassign])
    }

    @Test("an assignment without a revocation before it takes what was there for lost")
    func assignedTwice() {
        var member = reading()
        let actions = member.assigned([two])
        #expect(actions.first == .endStreams([one, two], lost: true))
        #expect(actions.contains(.askPositions([two])))
        #expect(member.epoch == 2)
    }
}
