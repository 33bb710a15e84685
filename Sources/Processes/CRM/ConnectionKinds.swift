import Synchronization

/// The kinds of the connections that this process delivers to. A connection keeps its kind, and each attempt is counted by it:
/// looking through the connections of all accounts for it would cost too much.
final class ConnectionKinds: Sendable {
    /// As many as there may be lanes; all are forgotten when there would be more.
    private static let countMaximum = 10_000

    private let kinds = Mutex<[String: String]>([:])

    /// - Parameter find: looks for the kind where it is not known yet; nil: it cannot be told.
    func kind(of connection: String, find: () -> String?) -> String? {
        if let known = kinds.withLock({ $0[connection] }) { return known }
        guard let kind = find() else { return nil }
        note(kind, of: connection)
        return kind
    }

    func note(_ kind: String, of connection: String) {
        kinds.withLock { kinds in
            guard kinds[connection] == nil else { return }
            if kinds.count >= Self.countMaximum { kinds.removeAll() }
            kinds[connection] = kind
        }
    }
}
