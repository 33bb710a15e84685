import Synchronization

/// What was accepted, and what the receivers saw of it: each order has a number, and each of its changes a version that grows.
///
/// The order's amount says both, `17.02` is the second change of order 17, so that a deal tells which change it shows.
final class Effects: Sendable {
    struct Tally: Equatable {
        /// Messages beyond each order's first.
        var doubled = 0
        /// Writes of a deal that showed an older change than one before.
        var inverted = 0
    }

    struct Seen: Equatable {
        /// By number: messages to its buyer.
        var messages: [Int: Int] = [:]
        /// By number: writes of its deal.
        var writes: [Int: Int] = [:]
    }

    private struct State {
        /// By number: the newest version that was answered with success.
        var accepted: [Int: Int] = [:]
        /// By number: the newest version that the CRM was told.
        var synced: [Int: Int] = [:]
        /// By number: how often the CRM was told anything.
        var writes: [Int: Int] = [:]
        /// By number: the Message-ID of each message to its buyer.
        var messages: [Int: [String]] = [:]
        var tally = Tally()
    }
    private let state = Mutex(State())

    static func amount(_ number: Int, version: Int) -> String { "\(number).\(version < 10 ? "0" : "")\(version)" }
    static func buyer(_ number: Int) -> String { "buyer\(number)@example.com" }

    func accepted(_ number: Int, version: Int) {
        state.withLock { $0.accepted[number] = max($0.accepted[number] ?? 0, version) }
    }

    /// A message came to this address.
    func confirmed(_ address: String, messageID: String) {
        guard let number = Int(address.dropFirst("buyer".count).prefix { $0.isNumber }) else { return }
        state.withLock { state in
            if state.messages[number] != nil { state.tally.doubled += 1 }
            state.messages[number, default: []].append(messageID)
        }
    }

    /// A deal was written with this amount.
    func synced(amount: String) {
        let parts = amount.split(separator: ".")
        guard let number = parts.first.flatMap({ Int($0) }) else { return }
        // What is written as 17.10 may be shown as 17.1.
        let version = parts.count > 1 ? Int(parts[1].count == 1 ? "\(parts[1])0" : parts[1]) ?? 0 : 0
        state.withLock { state in
            let newest = state.synced[number] ?? 0
            if version < newest { state.tally.inverted += 1 }
            state.synced[number] = max(newest, version)
            state.writes[number, default: 0] += 1
        }
    }

    /// All that has been accepted until now: by number, its version.
    var acceptedNow: [Int: Int] { state.withLock { $0.accepted } }

    /// How often each order's receivers have heard of it, until now.
    var seen: Seen { state.withLock { Seen(messages: $0.messages.mapValues(\.count), writes: $0.writes) } }

    /// How often something was done twice, or in the wrong order, until now.
    var tally: Tally { state.withLock { $0.tally } }

    /// Those orders of `accepted` that lack their message, or whose deal does not show that version yet.
    func missing(of accepted: [Int: Int]) -> [Int] {
        state.withLock { state in
            accepted.filter { number, version in
                state.messages[number] == nil || (state.synced[number] ?? -1) < version
            }.keys.sorted()
        }
    }

    /// The orders whose messages do not all have the same Message-ID.
    var withDifferentMessageIDs: [Int] {
        state.withLock { state in state.messages.filter { Set($0.value).count > 1 }.keys.sorted() }
    }
}
