import Orders

/// What a confirmation is about.
enum ConfirmationKind: String, Sendable, CaseIterable {
    /// The order was received.
    case received
    /// It is paid.
    case paid
    /// The money was refunded.
    case refunded
    /// The order was cancelled.
    case cancelled

    /// The confirmation that an event may cause; nil if it changes nothing that is confirmed.
    init?(causedBy event: Event) {
        switch event.content {
        case .created: self = .received
        case .updated(let change): self.init(status: change.status)
        case .paid(let change): self.init(status: change.status ?? .success)
        case .refunded(let change): self.init(status: change.status ?? .refunded)
        }
    }

    private init?(status: OrderStatus?) {
        switch status {
        case .success: self = .paid
        case .refunded: self = .refunded
        case .failed: self = .cancelled
        case .pending, nil: return nil
        }
    }
}
