import Ledger
import Orders

/// What one order adds to the statistics, by bucket. What an event changes is the difference of this before and after it,
/// so that the sums are right whatever happens to an order, and in whatever order.
struct Count: Equatable {
    /// Stands for a currency, offer or source that an order has not.
    static let absent = "-"

    private(set) var buckets: [StatisticsKey: Statistics] = [:]

    /// Nothing.
    init() {}

    /// An order is counted, with its price, in the minute of its creation; a sale, with its price, in the minute in which it
    /// became one. An order without a price is counted, not summed. A sale that fails or is refunded later stays one.
    init(_ order: OrderState, partition: Int32) {
        let amount = order.price?.minorUnits ?? 0
        add(order, at: order.createdAt, partition) { bucket in
            bucket.orders = 1
            bucket.totalOrdered = amount
        }
        guard let soldAt = order.soldAt else { return }
        add(order, at: soldAt, partition) { bucket in
            bucket.sales = 1
            bucket.totalSale = amount
        }
    }

    private mutating func add(
        _ order: OrderState, at time: Timestamp, _ partition: Int32, _ set: (inout Statistics) -> Void
    ) {
        let key = StatisticsKey(
            account: order.account, currency: order.price?.currency.code ?? Self.absent,
            offer: order.draft.offerID ?? Self.absent, source: order.draft.source ?? Self.absent, minute: time.minute,
            partition: partition)
        set(&buckets[key, default: Statistics()])
    }

    /// What must be added to come from `before` to this; buckets that stay as they are left out.
    func difference(from before: Count) -> [(key: StatisticsKey, value: Statistics)] {
        var difference = buckets
        for (key, old) in before.buckets {
            var bucket = difference[key] ?? Statistics()
            bucket.orders -= old.orders
            bucket.sales -= old.sales
            bucket.totalSale -= old.totalSale
            bucket.totalOrdered -= old.totalOrdered
            difference[key] = bucket
        }
        return difference.filter { $0.value != Statistics() }
            .sorted { ($0.key.minute, $0.key.currency) < ($1.key.minute, $1.key.currency) }
    }
}
