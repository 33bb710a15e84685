import Orders
import Support
import Testing

@testable import Ledger

@Suite("Pages of rows to be replayed") struct ReplayPageTests {
    private func row(_ id: Int64, _ state: DeliveryState = .dead) -> ReplayCandidate {
        ReplayCandidate(
            id: id, worker: "crm", destination: "crm/1", eventID: "e\(id)", key: "k", state: state, reason: "no",
            plannedAt: epoch, changedAt: epoch, isInDoubt: false, account: "acme", supersededBy: nil)
    }

    private func page(_ ids: [Int64], reach: Int64? = nil) -> ReplayPage {
        ReplayPage(ids.map { row($0) }, reach: reach)
    }

    @Test("pages of several states are one, as far as the shortest reaches")
    func merged() {
        let merged = ReplayPage(merging: [page([1, 5, 9], reach: 9), page([2, 6, 7], reach: 7), page([8])])
        #expect(merged.rows.map(\.id) == [1, 2, 5, 6, 7] && merged.reach == 7)
        let last = ReplayPage(merging: [page([4]), page([3])])
        #expect(last.rows.map(\.id) == [3, 4] && last.reach == nil)
        #expect(ReplayPage(merging: []).rows.isEmpty && ReplayPage(merging: []).reach == nil)
    }

    @Test("a step takes the first rows that are meant, and goes on after the last that it has looked at")
    func cut() {
        let odd: (ReplayCandidate) -> Bool = { $0.id % 2 == 1 }
        let full = page([1, 2, 3, 4, 5, 6], reach: 6)
        #expect(full.cut(2, upTo: 100, odd) == .init(rows: [row(1), row(3)], position: 3, isLast: false))
        #expect(full.cut(9, upTo: 100, odd) == .init(rows: [row(1), row(3), row(5)], position: 6, isLast: false))
        #expect(full.cut(9, upTo: 4, odd) == .init(rows: [row(1), row(3)], position: 4, isLast: true))
        #expect(full.cut(9, upTo: 6, odd) == .init(rows: [row(1), row(3), row(5)], position: 6, isLast: true))
        let end = page([1, 2, 3])
        #expect(end.cut(9, upTo: 100, odd) == .init(rows: [row(1), row(3)], position: 100, isLast: true))
        #expect(end.cut(1, upTo: 100, odd) == .init(rows: [row(1)], position: 1, isLast: false))
        #expect(end.cut(2, upTo: 100, odd) == .init(rows: [row(1), row(3)], position: 3, isLast: false))
        #expect(page([]).cut(5, upTo: 0, odd) == .init(rows: [], position: 0, isLast: true))
        // Nothing that is meant, and more to look at.
        #expect(full.cut(5, upTo: 100) { _ in false } == .init(rows: [], position: 6, isLast: false))
    }

    @Test("what becomes of a row: without its event nothing, superseded before in doubt")
    func fates() {
        var row = row(1)
        var selection = ReplaySelection()
        #expect(selection.fate(of: row) == .replayed)
        row.isInDoubt = true
        #expect(selection.fate(of: row) == .replayed, "a CRM is looked into first")
        row.worker = Messages.worker
        #expect(selection.fate(of: row) == .inDoubt)
        selection.again = true
        #expect(selection.fate(of: row) == .replayed)
        row.supersededBy = 7
        #expect(selection.fate(of: row) == .superseded)
        row.account = nil
        #expect(selection.fate(of: row) == .withoutEvent)
    }

    @Test("a tally has a bounded number of lines and names")
    func bounded() {
        var tally = ReplayTally()
        for number in 0..<300 {
            var row = row(Int64(number))
            row.reason = "reason \(number)"
            tally.add(row, .superseded)
        }
        #expect(tally.total == 300 && tally.count(.superseded) == 300)
        #expect(tally.lines.count == ReplayTally.linesMaximum + 1)
        #expect(tally.lines[0].line.reason == ReplayTally.others && tally.lines[0].count == 100)
        #expect(tally.leftOut.count == ReplayTally.namedMaximum)
    }

    @Test("what is kept of a replay is read as it was written")
    func stored() throws {
        let selection = ReplaySelection(
            orders: [orderID(1)], account: "acme", worker: "crm", destination: "crm/1", connection: "1", from: epoch,
            to: Timestamp(milliseconds: epoch.milliseconds + 1), states: [.done], reason: "550 \"no\"", again: true)
        #expect(try ReplaySelection(stored: selection.stored, account: "acme") == selection)
        #expect(try ReplaySelection(stored: ReplaySelection().stored, account: nil) == ReplaySelection())
        var tally = ReplayTally()
        tally.add(row(1), .replayed)
        tally.add(row(2), .inDoubt)
        #expect(try ReplayTally(stored: tally.stored).counts == tally.counts)
    }
}
