import FoundationEssentials
import Orders

/// What the ledger keeps of a replay as JSON: it is read by later versions, so members are only ever added.
private struct StoredSelection: Codable {
    var orders: [String]?
    var worker: String?
    var destination: String?
    var connection: String?
    var from: Int64?
    var to: Int64?
    var states: [String]
    var reason: String?
    var again: Bool
}

private struct StoredLine: Codable {
    var worker: String
    var destination: String
    var state: String
    var reason: String
    var fate: String
    var count: Int
}

extension ReplaySelection {
    /// The account stands in a column of its own.
    var stored: String {
        encoded(
            StoredSelection(
                orders: orders.isEmpty ? nil : orders.map(\.text), worker: worker, destination: destination?.text,
                connection: connection, from: from?.milliseconds, to: to?.milliseconds,
                states: states.map(\.rawValue).sorted(), reason: reason, again: again))
    }

    init(stored text: String, account: String?) throws(LedgerError) {
        let stored: StoredSelection = try decoded(text)
        self.init(
            orders: (stored.orders ?? []).compactMap { OrderID($0) }, account: account, worker: stored.worker,
            destination: stored.destination.map { Destination($0) }, connection: stored.connection,
            from: stored.from.map { Timestamp(milliseconds: $0) }, to: stored.to.map { Timestamp(milliseconds: $0) },
            states: Set(stored.states.compactMap { DeliveryState(rawValue: $0) }), reason: stored.reason,
            again: stored.again)
    }
}

extension ReplayTally {
    var stored: String {
        encoded(
            lines.map { line, count in
                StoredLine(
                    worker: line.worker, destination: line.destination.text, state: line.state.rawValue,
                    reason: line.reason, fate: line.fate.rawValue, count: count)
            })
    }

    init(stored text: String) throws(LedgerError) {
        let lines: [StoredLine] = try decoded(text)
        var counts: [Line: Int] = [:]
        for line in lines {
            guard let state = DeliveryState(rawValue: line.state), let fate = ReplayFate(rawValue: line.fate) else {
                throw .unreadable("a replay")
            }
            let key = Line(
                worker: line.worker, destination: Destination(line.destination), state: state, reason: line.reason,
                fate: fate)
            counts[key] = line.count
        }
        self.init(counts: counts)
    }
}

private func encoded(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
        preconditionFailure("a replay of texts and integers cannot be encoded: \(error)")
    }
}

private func decoded<Value: Decodable>(_ text: String) throws(LedgerError) -> Value {
    do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch { throw .unreadable("a replay") }
}
