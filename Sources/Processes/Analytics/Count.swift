import Ledger
import Orders

/// What one order adds to the statistics, by bucket. An event changes them by the difference between before and after
/// it, so that the sums are right whatever happens to an order, and in whatever sequence.
struct Count: Equatable {
    /// Stands for a missing currency, offer or source.
    static let absent = "-"

    private(set) var buckets: [StatisticsKey: Statistics] = [:]

    /// The dimensions that orders are counted by.
    static func offer(of order: OrderState) -> String { order.draft.offerID ?? absent }
    static func source(of order: OrderState) -> String { order.draft.source ?? absent }

    /// Nothing.
    init() {}

    /// An order is counted, with its price, in the minute of its creation; a sale, with its price, in the minute in
    /// which it became one. An order without a price is counted, not summed. A sale that fails or is refunded later
    /// stays one.
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
            offer: Self.offer(of: order), source: Self.source(of: order), minute: time.minute, partition: partition)
        set(&buckets[key, default: Statistics()])
    }

    /// What must be added to get from `before` to this; unchanged buckets are left out.
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
