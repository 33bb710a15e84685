import Synchronization
public import Telemetry

/// Received mail, in memory: the newest 10,000 messages, and at most 256 MiB; older ones are dropped.
public final class Mailbox: Sendable {
    /// A message as the server received it.
    public struct Stored: Sendable {
        /// Counted from 1.
        public let id: Int
        /// Milliseconds since 1970, UTC.
        public let receivedAt: Int64
        /// From MAIL FROM; empty for a bounce.
        public let sender: String
        /// From RCPT TO.
        public let recipients: [String]
        /// With CRLF lines, dots unstuffed.
        public let bytes: [UInt8]
    }

    private struct State {
        var messages: [Int: Stored] = [:]
        var oldest = 1
        var next = 1
        var bytes = 0
    }
    private let state = Mutex(State())
    private let countMaximum: Int
    private let bytesMaximum: Int

    public init(countMaximum: Int = 10_000, bytesMaximum: Int = 256 << 20) {
        self.countMaximum = countMaximum
        self.bytesMaximum = bytesMaximum
    }

    /// Stores a message, and returns its id.
    @discardableResult
    public func put(
        sender: String, recipients: [String], bytes: [UInt8], at milliseconds: Int64 = WallClock.milliseconds()
    ) -> Int {
        state.withLock { state in
            let id = state.next
            state.next += 1
            state.messages[id] = Stored(
                id: id, receivedAt: milliseconds, sender: sender, recipients: recipients, bytes: bytes)
            state.bytes += bytes.count
            while state.oldest < id, state.messages.count > countMaximum || state.bytes > bytesMaximum {
                state.bytes -= state.messages.removeValue(forKey: state.oldest)?.bytes.count ?? 0
                state.oldest += 1
            }
            return id
        }
    }

    /// The message with this id; nil if it was dropped, or never existed.
    public func message(_ id: Int) -> Stored? { state.withLock { $0.messages[id] } }

    /// Stored messages, newest first, without the `offset` newest.
    public func newest(limit: Int, offset: Int = 0) -> [Stored] {
        state.withLock { state in
            let last = state.next - 1 - offset
            guard limit > 0, last >= state.oldest else { return [] }
            return (max(state.oldest, last - limit + 1)...last).reversed().compactMap { state.messages[$0] }
        }
    }

    /// How many are stored.
    public var count: Int { state.withLock { $0.messages.count } }
    /// How many were received since the start, or since ``clear()``.
    public var total: Int { state.withLock { $0.next - 1 } }

    /// Removes all messages.
    public func clear() { state.withLock { $0 = State() } }
}
