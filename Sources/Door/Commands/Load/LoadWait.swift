import Ledger
import Orders
import Telemetry

/// Waits until every accepted order has arrived at every worker, and says which have not.
struct LoadWait {
    /// How often the ledger is asked about orders that are under way.
    private static let pause = Duration.milliseconds(500)
    /// How many are named that did not arrive.
    private static let namedMaximum = 20

    private let ledger: Ledger
    private let account: String
    private let patience: Duration
    private let log: Log

    /// - Parameter patience: how long it waits without one more that arrives.
    init(_ ledger: Ledger, account: String, patience: Duration, log: Log) {
        self.ledger = ledger
        self.account = account
        self.patience = patience
        self.log = log
    }

    /// - Parameter accepted: orders, with how many payments of each.
    /// - Throws: ``Failure`` if one did not arrive everywhere.
    func prove(_ accepted: [OrderID: Int]) async throws {
        let proof = LoadProof(workers: Processes.workers)
        var line = ProgressLine("load", unit: "orders that arrived", log: log)
        defer { line.end() }
        let began = ContinuousClock.now
        var underWay = accepted
        var gaveUp: [(order: OrderID, worker: String)] = []
        var movedAt = ContinuousClock.now
        while true {
            for (order, payments) in underWay {
                switch proof.verdict(try await ledger.timeline(of: order, account: account), payments: payments) {
                case .underWay: continue
                case .arrived: break
                case .gaveUp(let worker): gaveUp.append((order, worker))
                }
                underWay[order] = nil
                movedAt = .now
                line.tell(Int64(accepted.count - underWay.count), of: Int64(accepted.count))
            }
            guard !underWay.isEmpty, movedAt.duration(to: .now) < patience else { break }
            try await Task.sleep(for: Self.pause)
        }
        line.end()
        let arrived = accepted.count - underWay.count - gaveUp.count
        let seconds = (began.duration(to: .now) / .seconds(1)).rounded()
        StandardOutput.write("arrived everywhere\t\(arrived)\tafter \(Int(seconds)) s more")
        for order in underWay.keys.prefix(Self.namedMaximum) { StandardOutput.write("missing\t\(order.text)") }
        for (order, worker) in gaveUp.prefix(Self.namedMaximum) {
            StandardOutput.write("given up by \(worker)\t\(order.text)")
        }
        guard arrived == accepted.count else {
            throw Failure("\(accepted.count - arrived) of \(accepted.count) accepted orders did not arrive everywhere")
        }
    }
}
