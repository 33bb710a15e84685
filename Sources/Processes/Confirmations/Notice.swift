import Orders

/// What is to be told, to whom: decided from an order's events alone.
struct Notice {
    var kind: ConfirmationKind
    /// As it stands after the event.
    var order: OrderState
    /// When what is told happened.
    var at: Timestamp
    /// The buyer's address.
    var address: String

    enum Decision {
        case tell(Notice)
        case declined(String)
    }

    /// - Parameter history: every event of the order up to this one, in order.
    static func deciding(_ event: Event, history: [Event]) -> Decision {
        guard let kind = ConfirmationKind(causedBy: event) else { return .declined("nothing to confirm") }
        let earlier = history.prefix { $0.id != event.id }
        let before = OrderState.folding(earlier)
        guard let order = OrderState.folding(earlier + [event]) else {
            return .declined("the order's beginning is not known")
        }
        if let before, before.status == order.status {
            return .declined("the order was \(order.status.rawValue) already")
        }
        guard order.draft.isNotifyAccount else { return .declined(ConfirmationsPlanner.notWanted) }
        guard let address = order.draft.buyer.email else { return .declined(ConfirmationsPlanner.noAddress) }
        return .tell(Notice(kind: kind, order: order, at: event.time, address: address))
    }
}
