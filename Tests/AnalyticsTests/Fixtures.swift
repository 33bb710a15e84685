import Ledger
import Orders

@testable import Intake

let partition = LogPartition(cluster: "test", topic: "orders", partition: 3)

func orderID(_ number: Int) -> OrderID { OrderID(account: "acme", .external(id: "\(number)", source: nil)) }

func event(
    _ content: Event.Content, order: OrderID = orderID(1), account: String = "acme", minute: Int64 = 100,
    isConflict: Bool = false
) -> PlannableEvent {
    let event = Event(
        id: "any", account: account, order: order, time: Timestamp(milliseconds: minute * 60_000 + 7),
        traceparent: nil, content: content)
    return PlannableEvent(
        event: event, value: event.encoded().value, source: partition, offset: 0, isConflict: isConflict)
}

func draft(
    price: Int64?, currency: String = "UAH", email: String? = "a@b.ua", offer: String? = nil, source: String? = nil
) -> OrderDraft {
    var draft = OrderDraft(locale: .uk)
    draft.price = price.map { money($0, currency) }
    draft.buyer.email = email
    draft.offerID = offer
    draft.source = source
    return draft
}

func money(_ minorUnits: Int64, _ currency: String = "UAH") -> Money {
    Money(minorUnits: minorUnits, currency: Currency(currency)!)
}

func key(_ currency: String, minute: Int64, offer: String = "-", source: String = "-") -> StatisticsKey {
    StatisticsKey(account: "acme", currency: currency, offer: offer, source: source, minute: minute, partition: 3)
}

func statistics(orders: Int64 = 0, sales: Int64 = 0, totalSale: Int64 = 0, totalOrdered: Int64 = 0) -> Statistics {
    var statistics = Statistics()
    statistics.orders = orders
    statistics.sales = sales
    statistics.totalSale = totalSale
    statistics.totalOrdered = totalOrdered
    return statistics
}

/// The read model as the ledger keeps it: rows are replaced, buckets added to, buyers noted once.
struct Books {
    var rows: [OrderID: OrderRow] = [:]
    var buckets: [StatisticsKey: Statistics] = [:]
    var buyers: Set<SaleBuyer> = []

    mutating func write(_ plans: [Plan]) {
        for change in plans.flatMap(\.changes) {
            switch change {
            case .order(let row): rows[row.id] = row
            case .count(let key, let value):
                var bucket = buckets[key] ?? Statistics()
                bucket.orders += value.orders
                bucket.sales += value.sales
                bucket.totalSale += value.totalSale
                bucket.totalOrdered += value.totalOrdered
                buckets[key] = bucket == Statistics() ? nil : bucket
            case .buyer(let buyer): buyers.insert(buyer)
            }
        }
    }
}
