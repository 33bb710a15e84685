import Kafka
import Orders

/// An order that this process has accepted itself, as far as it knows it: the ledger may not show it yet.
struct AcceptedOrder: Sendable {
    /// A later event of the order that Kafka has acknowledged, and its place on the topic.
    struct Change: Sendable {
        var promise: Promise
        var place: Acknowledgement
    }

    /// Later events beyond these are not remembered one by one: memory has a bound.
    static let changesMaximum = 16

    let account: String
    let createdAt: Timestamp
    /// The place of its creation on the topic.
    let place: Acknowledgement
    private(set) var changes: [Change] = []
    private(set) var status = OrderStatus.pending
    private(set) var updatedAt: Timestamp

    init(account: String, createdAt: Timestamp, place: Acknowledgement) {
        self.account = account
        self.createdAt = createdAt
        self.place = place
        updatedAt = createdAt
    }

    /// A later event of it was acknowledged.
    ///
    /// - Parameter status: the order's status after the event; nil if it does not change.
    mutating func changed(_ change: Change, status: OrderStatus?) {
        self.status = status ?? self.status
        updatedAt = max(updatedAt, change.promise.at)
        if changes.count < Self.changesMaximum { changes.append(change) }
    }
}
