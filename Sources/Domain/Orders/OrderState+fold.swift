/// An order's current state: the fold of its events, in the order of intake.
public struct OrderState: Sendable, Hashable {
    public var id: OrderID
    /// The account's id.
    public var account: String
    /// What the order said when it was created; changes are in the members below.
    public var draft: OrderDraft
    public var status: OrderStatus
    /// The latest price; nil if neither the order nor a change of it has one.
    public var price: Money?
    /// nil until a change names it.
    public var paymentDate: Timestamp?
    /// The latest comments; nil until a change has some.
    public var userComments: String?
    /// The time of the event that created it.
    public var createdAt: Timestamp
    /// The latest time of any of its events.
    public var updatedAt: Timestamp
    /// When it first reached SUCCESS: the order is a sale from then on, whatever comes later. nil before that.
    public var soldAt: Timestamp?

    /// The state right after creation; nil if the event is not a creation.
    public init?(_ event: Event) {
        guard case .created(let draft) = event.content else { return nil }
        self.init(
            id: event.order, account: event.account, draft: draft, status: .pending, price: draft.price,
            createdAt: event.time, updatedAt: event.time)
    }

    /// A state that was stored.
    public init(
        id: OrderID, account: String, draft: OrderDraft, status: OrderStatus, price: Money?,
        paymentDate: Timestamp? = nil, userComments: String? = nil, createdAt: Timestamp, updatedAt: Timestamp,
        soldAt: Timestamp? = nil
    ) {
        self.id = id
        self.account = account
        self.draft = draft
        self.status = status
        self.price = price
        self.paymentDate = paymentDate
        self.userComments = userComments
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.soldAt = soldAt
    }

    /// Whether the order is a sale.
    public var isSale: Bool { soldAt != nil }

    /// The state after all events of one order. Changes before the creation change nothing, since there is no order
    /// yet; a second creation is a conflict and is left out. nil if no event creates the order.
    public static func folding(_ events: some Sequence<Event>) -> OrderState? {
        var state: OrderState?
        for event in events {
            if state == nil {
                state = OrderState(event)
            } else {
                state?.apply(event)
            }
        }
        return state
    }

    /// Changes the order by a later event.
    public mutating func apply(_ event: Event) {
        switch event.content {
        case .created: return
        case .updated(let change), .paid(let change), .refunded(let change):
            apply(change, status: event.content.status)
        }
        updatedAt = max(updatedAt, event.time)
        if status == .success, soldAt == nil { soldAt = event.time }
    }

    private mutating func apply(_ change: OrderChange, status: OrderStatus?) {
        self.status = status ?? self.status
        price = change.price ?? price
        paymentDate = change.paymentDate ?? paymentDate
        userComments = change.userComments ?? userComments
    }
}

extension Event.Content {
    /// The order's status after the event; nil if it does not change.
    public var status: OrderStatus? {
        switch self {
        case .created: .pending
        case .updated(let change): change.status
        case .paid(let change): change.status ?? .success
        case .refunded: .refunded
        }
    }
}
