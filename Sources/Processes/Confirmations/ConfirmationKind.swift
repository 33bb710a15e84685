import Orders

/// What a buyer is told about.
enum ConfirmationKind: String, Sendable, CaseIterable {
    /// The order has come in.
    case received
    /// It is paid.
    case paid
    /// The money went back.
    case refunded
    /// It will not be carried out.
    case cancelled

    /// What an event may give cause to tell; nil where it changes nothing that a buyer is told about.
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
