import Intake
import Ledger
import Orders

/// Whether an accepted order has arrived everywhere: each of its events counted, delivered or skipped with a reason, by every
/// worker. Pure: an order's timeline goes in.
struct LoadProof {
    enum Verdict: Equatable {
        case arrived
        /// It may still arrive.
        case underWay
        /// A delivery was given up, or waits for a person.
        case gaveUp(worker: String)
    }

    let workers: [WorkerDeclaration]

    /// - Parameter payments: how many payments of it were accepted.
    func verdict(_ timeline: [TimelineEntry], payments: Int) -> Verdict {
        let accepted = timeline.filter { $0.kind == .accepted }
        let paid = accepted.count { $0.detail["type"] == Event.Kind.paid.type }
        guard accepted.contains(where: { $0.detail["type"] == Event.Kind.created.type }), paid >= payments else {
            return .underWay
        }
        for event in accepted.compactMap({ $0.detail["event"] }) {
            for worker in workers {
                let ends = timeline.filter { $0.worker == worker.name && $0.detail["event"] == event }.map(\.kind)
                if ends.contains(.dead) || ends.contains(.parked) { return .gaveUp(worker: worker.name) }
                guard ends.contains(where: { [.done, .counted, .skipped].contains($0) }) else { return .underWay }
            }
        }
        return .arrived
    }
}
