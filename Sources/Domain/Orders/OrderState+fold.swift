/// What an order has come to: the fold of its events, in the order of intake.
public struct OrderState: Sendable, Hashable {
    public var id: OrderID
    public var account: String
    public var draft: OrderDraft
    public var status: OrderStatus
    /// The latest one; an order may have none.
    public var price: Money?
    public var paymentDate: Timestamp?
    public var userComments: String?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// When it first came to SUCCESS: the order is a sale from then on, whatever comes later; nil before.
    public var soldAt: Timestamp?

    /// An order as it is created; nil where the event is none of creation.
    public init?(_ event: Event) {
        guard case .created(let draft) = event.content else { return nil }
        self.init(
            id: event.order, account: event.account, draft: draft, status: .pending, price: draft.price,
            createdAt: event.time, updatedAt: event.time)
    }

    /// An order as it was kept.
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

    /// What all events of one order come to. Changes before the creation change nothing, since there is nothing yet; a
    /// second creation is a conflict and is left out. nil where none creates it.
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
        case .updated(let change): apply(change, status: change.status)
        case .paid(let change): apply(change, status: change.status ?? .success)
        case .refunded(let change): apply(change, status: .refunded)
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
