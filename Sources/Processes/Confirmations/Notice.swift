import Orders

/// What is confirmed, and to whom. The one place that decides who gets a confirmation, or why nobody does: planner and
/// channels ask here.
struct Notice {
    var kind: ConfirmationKind
    /// The order after the event.
    var order: OrderState
    /// When it happened.
    var at: Timestamp
    /// The buyer's address in the channel.
    var address: String

    /// Why nobody gets a confirmation; the text is on the timeline.
    enum Reason: Equatable {
        case conflict
        /// The event changes nothing that is confirmed.
        case nothingToConfirm
        case unknownOrder
        /// The order has that status already.
        case known(OrderStatus)
        /// The order asks for no confirmation.
        case notWanted
        /// The order has no address in this channel.
        case noAddress

        var text: String {
            switch self {
            case .conflict: "conflict"
            case .nothingToConfirm: "nothing to confirm"
            case .unknownOrder: "the order's creation is not known"
            case .known(let status): "the order was \(status.rawValue) already"
            case .notWanted: "isNotifyAccount=false"
            case .noAddress: "no address"
            }
        }
    }

    enum Decision {
        case tell(Notice)
        case declined(Reason)
        /// The order's history must decide.
        case undecided
    }

    /// - Parameter history: every event of the order up to this one, in order; nil if it is not known, since a change
    ///   of an order does not say who its buyer is.
    static func deciding(
        _ event: Event, history: [Event]?, by channel: any ConfirmationChannel.Type
    ) -> Decision {
        guard let kind = ConfirmationKind(causedBy: event) else { return .declined(.nothingToConfirm) }
        let earlier: ArraySlice<Event>
        if let history {
            earlier = history.prefix { $0.id != event.id }
        } else {
            guard case .created = event.content else { return .undecided }
            earlier = []
        }
        guard let order = OrderState.folding(earlier + [event]) else { return .declined(.unknownOrder) }
        if let before = OrderState.folding(earlier), before.status == order.status {
            return .declined(.known(before.status))
        }
        guard order.draft.isNotifyAccount else { return .declined(.notWanted) }
        guard let address = channel.address(of: order.draft.buyer) else { return .declined(.noAddress) }
        return .tell(Notice(kind: kind, order: order, at: event.time, address: address))
    }
}
