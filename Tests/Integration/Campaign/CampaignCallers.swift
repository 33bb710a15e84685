import Foundation
import HTTP
import Support
import Synchronization
import Testing

/// Shops that send each order until it is accepted, and then change every second one twice: at a steady rate, whatever the
/// answers are.
final class CampaignCallers: Sendable {
    /// What one order costs until it is accepted and changed is less than this, unless something is broken.
    private static let lanes = 12

    private let effects: Effects
    private let token: String
    private let perSecond: Double
    /// The processes that take orders now; a killed one is replaced.
    private let ingests: Shared<[Member]>
    private let state = Mutex((next: 1, last: Int.max, answers: [Int: Int]()))

    init(_ effects: Effects, token: String, perSecond: Double, ingests: Shared<[Member]>) {
        self.effects = effects
        self.token = token
        self.perSecond = perSecond
        self.ingests = ingests
    }

    /// How often each status was answered; 0: no answer came.
    var answers: [Int: Int] { state.withLock { $0.answers } }
    /// The number of the next order.
    var next: Int { state.withLock { $0.next } }

    /// Lets those orders be the last that are begun.
    func finish() { state.withLock { $0.last = $0.next - 1 } }

    /// Sends until ``finish()``, and each order that was begun until it is accepted.
    func call() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.lanes { group.addTask { try await self.lane() } }
            try await group.waitForAll()
        }
    }

    private func lane() async throws {
        var due = ContinuousClock.now
        while true {
            let number = state.withLock { state -> Int? in
                guard state.next <= state.last else { return nil }
                defer { state.next += 1 }
                return state.next
            }
            guard let number else { return }
            // After an outage as fast as before it: what was not sent meanwhile is not caught up with.
            try await Task.sleep(until: due, clock: .continuous)
            due = .now + .seconds(Double(Self.lanes) / perSecond)
            let id = try await create(number)
            effects.accepted(number, version: 0)
            guard number.isMultiple(of: 2) else { continue }
            for version in 1...2 {
                try await change(id, number, version)
                effects.accepted(number, version: version)
            }
        }
    }

    private func create(_ number: Int) async throws -> String {
        let body = """
            {"externalId":"\(number)","source":"campaign","title":"Order \(number)","currency":"UAH",\
            "price":"\(Effects.amount(number, version: 0))","email":"\(Effects.buyer(number))","locale":"uk"}
            """
        return try await untilAnswered(201, "/orders", body, firstAt: number) { text in
            try #require(member("id", in: text))
        }
    }

    private func change(_ id: String, _ number: Int, _ version: Int) async throws {
        let body = #"{"price":"\#(Effects.amount(number, version: version))"}"#
        // The other process may not know the order before the ledger does.
        try await untilAnswered(200, "/orders/\(id)", body, firstAt: number + version) { _ in }
    }

    /// Sends the same request, now to one process and now to the other, until it is answered so.
    private func untilAnswered<R>(
        _ wanted: Int, _ path: String, _ body: String, firstAt first: Int, _ read: (String) throws -> R
    ) async throws -> R {
        // A shop gives up later than this; a request that nobody answers for so long is a finding.
        let end = ContinuousClock.now + .seconds(150)
        var tries = first
        var last = ""
        while ContinuousClock.now < end {
            let members = ingests.now
            let answer = try? await members[tries % members.count].send(
                .post, path, token: token, body, fields: ["Prefer": "wait=5"])
            state.withLock { $0.answers[answer?.status ?? 0, default: 0] += 1 }
            let text = answer.map { String(decoding: $0.body, as: UTF8.self) } ?? "no answer"
            if answer?.status == wanted { return try read(text) }
            last = text
            tries += 1
            try await Task.sleep(for: .milliseconds(300))
        }
        throw CommandFailure("\(path) \(body) was not answered \(wanted) within 150 s: \(last)")
    }
}
