import Ledger
import Orders

/// Says about an order that the ledger does not show whether waiting helps, or whether its partition has stopped and
/// waiting is pointless.
///
/// Every process can derive an order's partition from its id.
struct UnreadOrders: Sendable {
    private let ledger: Ledger
    private let producer: any EventProducer

    init(_ ledger: Ledger, _ producer: any EventProducer) {
        self.ledger = ledger
        self.producer = producer
    }

    /// What keeps this part of the order from being shown until somebody acts; nil if nothing known does.
    func stop(of part: WantedOrder.Part, _ id: OrderID) async throws(LedgerError) -> StoppedPartition? {
        guard let partition = producer.partition(ofKey: Array(id.text.utf8), in: Event.topic) else { return nil }
        let stops = try await ledger.stops(in: Event.topic, partition: partition)
        switch part {
        case .order: return stops.first { $0.worker == ReadModel.worker }
        case .timeline:
            // The timeline begins with the worker that takes the order in first.
            guard let first = stops.first, try await ledger.readers(of: first.source) == 0 else { return nil }
            return first
        }
    }
}

extension StoppedPartition {
    /// For callers who may know internals.
    var words: String {
        "not read: partition stopped. Since \(since.iso8601) \(worker) has stood at position \(position) of "
            + "\(source.topic)/\(source.partition). \(why)"
    }
}
