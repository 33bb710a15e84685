import Foundation
import Primitives
import Testing

@testable import Kafka

@Suite("Threads of clients that may wake late") struct UnhurriedTests {
    /// By how much the calling thread may wake late, in nanoseconds.
    static var slack: Int? {
        guard let thread = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self"),
            let identifier = thread.split(separator: "/").last,
            let text = try? String(contentsOfFile: "/proc/\(identifier)/timerslack_ns", encoding: .utf8)
        else { return nil }
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test("threads started within may wake 1 ms late; the caller is as exact afterwards as it was")
    func inherited() async throws {
        let (before, within, after) = await withCheckedContinuation { continuation in
            startThread("slack") {
                let before = Self.slack
                let started = Once<Int?>()
                unhurried { startThread("slack-within") { started.give(Self.slack) } }
                let after = Self.slack
                Task { continuation.resume(returning: (before, await started.value, after)) }
            }
        }
        #expect(within == 1_000_000)
        #expect(before != nil && before != within && before == after)
    }

    @Test("only a producer that gathers records wakes on time")
    func roles() {
        let roles: [ClientRules.Role] = [
            .producer(lingerMilliseconds: 1), .producer(lingerMilliseconds: 0), .member(group: "g"), .reader, .admin,
        ]
        #expect(roles.map(\.isHurried) == [true, false, false, false, false])
    }
}
