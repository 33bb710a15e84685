import Orders

/// What texts may hold that go into an index, on every database: a B-tree of PostgreSQL's takes at most 2,704 bytes of all
/// columns of an entry together, and what one database refuses no other may keep, or their books would differ.
enum IndexedTexts {
    /// Of each text, in Unicode scalars: what fits a shop's VARCHAR(255).
    static let scalarsMaximum = 255
    /// Of all texts of one entry together, in UTF-8; the rest is for its numbers and its header.
    static let bytesMaximum = 2_600

    /// Throws ``LedgerError/Code/data`` where one entry's texts do not fit; their names stand in the message, never what
    /// they hold.
    static func check(_ texts: [(name: StaticString, text: String?)]) throws(LedgerError) {
        var bytes = 0
        for (name, text) in texts {
            guard let text else { continue }
            let count = text.utf8.count
            bytes += count
            // So few bytes are no more scalars.
            guard count > scalarsMaximum else { continue }
            let scalars = text.unicodeScalars.count
            guard scalars <= scalarsMaximum else {
                throw LedgerError(
                    .data, "\(name): \(scalars) characters, and an index takes at most \(scalarsMaximum)")
            }
        }
        // PostgreSQL keeps U+FFFD, of three bytes, in the place of U+0000.
        guard 3 * bytes > bytesMaximum else { return }
        for (_, text) in texts { bytes += 2 * (text?.utf8.count { $0 == 0 } ?? 0) }
        guard bytes <= bytesMaximum else {
            let names = texts.map { "\($0.name)" }.joined(separator: ", ")
            throw LedgerError(
                .data, "\(names): \(bytes) bytes together, and an index takes at most \(bytesMaximum)")
        }
    }

    /// What a batch writes, entry by entry of each index that holds a text of a record.
    static func check(_ batch: IntakeBatch) throws(LedgerError) {
        for entry in batch.entries {
            try check([("worker", batch.worker), ("event id", entry.id)])
            try check([("key", entry.key), ("worker", batch.worker)])
            guard case .planned(let deliveries) = entry.disposition else { continue }
            for delivery in deliveries { try check([("key", entry.key), ("destination", delivery.destination.text)]) }
        }
        for change in batch.changes { try check(change) }
    }

    private static func check(_ change: ReadModelChange) throws(LedgerError) {
        switch change {
        case .order(let row):
            let buyer = row.draft.buyer
            try check([("account", row.account), ("order id", row.id.text), ("external id", row.draft.externalID)])
            try check([("account", row.account), ("order id", row.id.text), ("email", buyer.email?.lowercased())])
        case .count(let key, _):
            try check([
                ("account", key.account), ("currency", key.currency), ("offer", key.offer), ("source", key.source),
            ])
        case .buyer(let buyer):
            try check([
                ("account", buyer.account), ("offer", buyer.offer), ("source", buyer.source), ("buyer", buyer.buyer),
            ])
        }
    }
}
