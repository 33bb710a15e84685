import Ledger

/// What becomes of deliveries of records that an earlier ledger may have had delivered, since this one was restored from a
/// backup. Pure.
struct RepeatedRecords {
    /// The offset of the first record that is surely new; nil: all are.
    let until: Int64?
    /// A buyer must not get a message twice: what would go there waits for a person. Others are looked at first.
    let reachBuyers: Bool

    init(until: Int64?, reachBuyers: Bool) {
        self.until = until
        self.reachBuyers = reachBuyers
    }

    func treated(_ entry: IntakeEntry) -> IntakeEntry {
        guard let until, entry.offset < until, case .planned(let deliveries) = entry.disposition else { return entry }
        var entry = entry
        entry.disposition = .planned(deliveries.map(treated))
        return entry
    }

    private func treated(_ delivery: PlannedDelivery) -> PlannedDelivery {
        guard delivery.declined == nil, delivery.parked == nil else { return delivery }
        var delivery = delivery
        if reachBuyers { delivery.parked = PlannedDelivery.reintake } else { delivery.isInDoubt = true }
        return delivery
    }
}
