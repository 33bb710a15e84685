import Database
import Orders

/// The statements that write changes of the read model: aggregated, and sorted by primary key, since a row may be
/// touched once in a statement, and two transactions must touch rows in one order.
struct ReadModelScript {
    let statements: [Statement]

    /// - Parameter isRecount: into the tables of a rebuild, which has none of orders.
    init(_ changes: [ReadModelChange], isRecount: Bool = false) {
        var orders: [OrderID: OrderRow] = [:]
        var counts: [StatisticsKey: Statistics] = [:]
        var buyers: Set<SaleBuyer> = []
        for change in changes {
            switch change {
            case .order(let row): orders[row.id] = row
            case .count(let key, let statistics): counts[key, default: Statistics()].add(statistics)
            case .buyer(let buyer): buyers.insert(buyer)
            }
        }
        let put = Statement(OrderStatements.put, rows: orders.values.sorted { $0.id < $1.id }.map(\.values))
        statements =
            (isRecount ? [] : [put]) + [
                Statement(
                    isRecount ? RebuildStatements.count : OrderStatements.count,
                    rows: counts.sorted { $0.key.order < $1.key.order }.map { $0.values(with: $1) }),
                Statement(
                    isRecount ? RebuildStatements.buyer : OrderStatements.buyer,
                    rows: buyers.sorted { $0.order < $1.order }.map(\.values)),
            ]
    }
}

extension SaleBuyer {
    fileprivate var order: (String, Int64, String, String, String) { (account, minute, offer, source, buyer) }

    fileprivate var values: [Value] {
        [.text(account), .integer(minute), .text(offer), .text(source), .text(buyer)]
    }
}

extension Statistics {
    /// Adds what another counted.
    public mutating func add(_ other: Statistics) {
        orders += other.orders
        sales += other.sales
        totalSale += other.totalSale
        totalOrdered += other.totalOrdered
    }
}

extension StatisticsKey {
    fileprivate var order: (String, Int64, String, String, String, Int32) {
        (account, minute, currency, offer, source, partition)
    }

    fileprivate func values(with statistics: Statistics) -> [Value] {
        [
            .text(account), .integer(minute), .text(currency), .text(offer), .text(source), .integer(Int64(partition)),
            .integer(statistics.orders), .integer(statistics.sales), .integer(statistics.totalSale),
            .integer(statistics.totalOrdered),
        ]
    }
}
