import Access
import Control
import HTTP
import Ledger
import Orders

/// Answers for an order that the ledger may not show yet: the process that accepted it answers from its memory, and
/// `Prefer: wait=N` holds the answer on any process until the ledger shows it, unless it is known that it will not.
struct ReadingBack: Sendable {
    /// The longest time that an answer is held.
    static let waitSecondsMaximum = 5
    /// The part of a held request's time that is kept for reading what it waited for.
    private static let readingTime: Duration = .milliseconds(500)

    private let acceptance: Acceptance
    private let watch: OrderWatch
    private let unread: UnreadOrders

    init(_ services: Services) {
        acceptance = services.acceptance
        watch = services.watch
        unread = services.unread
    }

    /// - Parameters:
    ///   - shown: the answer from the ledger; nil if it does not show the order.
    ///   - known: the answer from what this process remembers, with the reason why the ledger will not show the order,
    ///     for callers who may know it.
    func response(
        _ call: Call, _ part: WantedOrder.Part, shown: (OrderID, _ account: String) async throws -> Response?,
        known: (OrderID, AcceptedOrder, _ notRead: String?) async throws -> Response
    ) async throws -> Response {
        let id = try call.orderID
        let account = call.caller.account.id
        var waitSeconds = Self.waitSeconds(call.fields)
        var answer = try await shown(id, account)
        let stop = answer == nil ? try await unread.stop(of: part, id) : nil
        if stop != nil {
            waitSeconds = nil
        } else if answer == nil, let seconds = waitSeconds {
            let until = min(.now + .seconds(seconds), call.context.deadline - Self.readingTime)
            if await watch.wait(for: WantedOrder(id: id, account: account, part: part), until: until) {
                answer = try await shown(id, account)
            } else {
                waitSeconds = nil
            }
        }
        let notRead = call.caller.token.allows(.admin) ? stop?.words : nil
        if answer == nil, let order = acceptance.accepted(id, account: account) {
            answer = try await known(id, order, notRead)
        }
        guard var answer else { throw Refusal.notVisible(id, stop, to: call.caller, waited: waitSeconds) }
        if let waitSeconds { answer.fields.add("Preference-Applied", "wait=\(waitSeconds)") }
        return answer
    }

    /// How long the caller prefers to wait, clipped; nil if it does not want to.
    private static func waitSeconds(_ fields: HeaderFields) -> Int? {
        guard let text = Preferences(fields)["wait"], !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            return nil
        }
        return min(Int(text) ?? .max, waitSecondsMaximum)
    }
}

extension Call {
    /// The order that the path names. Throws a 404 if its id is malformed.
    var orderID: OrderID {
        get throws(Refusal) {
            guard let id = OrderID(parameters["id"] ?? "") else {
                throw Refusal(
                    404, .wrongID, "The order's id is malformed: an id is 24 lower-case hexadecimal characters.")
            }
            return id
        }
    }
}

extension Refusal {
    /// `ingest` cannot tell "not yet" from "never": a 201 is final, but the order may become visible a moment later. If
    /// it is known that it will not until somebody acts, the time is unknown: there is no Retry-After.
    ///
    /// - Parameters:
    ///   - stop: what keeps the ledger from showing the order, for callers who may know it; nil if nothing known does.
    ///   - waited: how many seconds the answer was held for; nil if it was not.
    static func notVisible(
        _ id: OrderID, _ stop: StoppedPartition?, to caller: Caller, waited: Int? = nil
    ) -> Refusal {
        if let stop {
            return Refusal(
                404, .notVisible,
                caller.token.allows(.admin)
                    ? "No order \(id) is visible; \(stop.words)"
                    : "No order \(id) is visible, and waiting does not help now: some orders are not shown until the operator "
                        + "has acted. An order that was accepted is kept.")
        }
        var refusal = Refusal(
            404, .notVisible,
            "No order \(id) is visible: if it was just accepted, it will be visible in a moment; `Prefer: wait=5` waits for it.",
            fields: ["Retry-After": "1"])
        if let waited { refusal.fields.add("Preference-Applied", "wait=\(waited)") }
        return refusal
    }
}
