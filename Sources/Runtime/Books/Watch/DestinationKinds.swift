import Intake
import Ledger

/// The kinds of connections, by connection.
typealias FoundKinds = [String: String]

/// What the destinations of one worker are, for metrics: as many as there are kinds, however many shops are connected.
struct DestinationKinds: Sendable {
    private let worker: WorkerDeclaration

    init(_ worker: WorkerDeclaration) { self.worker = worker }

    /// Every value that ``kind(of:_:)`` gives.
    var all: [String] { worker.kinds + [Destination.conflict, .canary].map(\.text) + [Destination.unknownKind] }

    /// The connection whose kind must be found out; nil where the destination says by itself what it is.
    func connection(of destination: Destination) -> String? { destination.connection(worker.name) }

    func kind(of destination: Destination, _ found: FoundKinds) -> String {
        let kind = connection(of: destination).map { found[$0] } ?? destination.text
        return kind.flatMap { all.contains($0) ? $0 : nil } ?? Destination.unknownKind
    }
}
