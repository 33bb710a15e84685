import Lifecycle
import Testing

@Suite struct RetryPolicyTests {
    let policy = RetryPolicy(
        base: .seconds(10), floor: .seconds(5), cap: .seconds(3600), attemptsMaximum: 20, ageMaximum: .seconds(86_400))
    let shortest = Randomness { $0.lowerBound }
    let longest = Randomness { $0.upperBound }

    @Test("the longest wait doubles up to the cap, the shortest is the floor")
    func grows() {
        let waits = (1...12).map { policy.delay(afterFailures: $0, random: longest).components.seconds }
        #expect(waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600])
        for failures in [1, 5, 12, 10_000] {
            #expect(policy.delay(afterFailures: failures, random: shortest) == .seconds(5))
        }
    }

    @Test("Retry-After is obeyed, between floor and cap")
    func retryAfter() {
        #expect(policy.delay(afterFailures: 1, retryAfter: .seconds(120), random: shortest) == .seconds(120))
        #expect(policy.delay(afterFailures: 1, retryAfter: .zero, random: shortest) == .seconds(5))
        #expect(policy.delay(afterFailures: 1, retryAfter: .seconds(1_000_000), random: shortest) == .seconds(3600))
    }

    @Test("attempts and age come to an end")
    func exhausted() {
        func isExhausted(_ attempts: Int, _ age: Duration?) -> Bool {
            if case .exhausted = policy.decision(afterAttempts: attempts, age: age, random: shortest) {
                true
            } else {
                false
            }
        }
        #expect(!isExhausted(19, nil))
        #expect(isExhausted(20, nil))
        #expect(!isExhausted(1, .seconds(86_399)))
        #expect(isExhausted(1, .seconds(86_400)))
    }

    @Test("what failed together does not come back together")
    func jitter() {
        let waits = Set((0..<100).map { _ in policy.delay(afterFailures: 8, random: .system) })
        #expect(waits.count > 90)
    }
}
