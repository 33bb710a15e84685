import Access
import Control
import HTTP
import JSON
import Limiter
import Orders
import RateLimit

extension Endpoint {
    static func showUsage(_ services: Services) -> Endpoint {
        let usage = ShowUsage(gate: services.gate, now: services.now)
        return Endpoint(
            "showUsage", .get, path: "/usage", scope: .read, cost: .oncePerSecond,
            summary:
                "the state of the token's limit, who spent it, and the latest refusals; costs nothing, once a second"
        ) { try usage.response($0.caller) }
    }
}

private struct ShowUsage: Sendable {
    let gate: any PermitGate
    let now: @Sendable () -> Timestamp

    func response(_ caller: Caller) throws(Refusal) -> Response {
        let now = now()
        guard let usage = gate.usage(of: caller.limit) else {
            throw .unavailable(.reducedCapacity, "The rate limit's topic is still being read.", retryAfter: 2)
        }
        return Answer.success { writer in
            writer.object { writer in
                writer.number("limit", usage.fields.limit)
                writer.number("windowSeconds", Int(windowMilliseconds / 1_000))
                writer.number("remaining", usage.fields.remaining)
                writer.number("nextPermitInSeconds", usage.fields.resetSeconds)
                writer.key("restrictedUntil")
                if let until = usage.restrictedUntil {
                    writer.string(Timestamp(milliseconds: until).iso8601)
                } else {
                    writer.null()
                }
                writer.key("lastRefusals")
                writer.array { writer in
                    for seconds in usage.refusalsSecondsAgo {
                        writer.string(Timestamp(milliseconds: now.milliseconds - Int64(seconds) * 1_000).iso8601)
                    }
                }
                writer.key("spentBy")
                writer.array { writer in
                    for spender in usage.spentBy { Self.write(spender, &writer) }
                }
            }
        }
    }

    private static func write(_ spender: LimitUsage.Spender, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("process", "\(spender.process)")
            writer.number("permits", spender.permits)
            writer.key("isThisProcess")
            writer.bool(spender.isThisOne)
        }
    }
}

extension JSONWriter {
    /// A member whose value is a whole number.
    fileprivate mutating func number(_ key: StaticString, _ value: Int) {
        self.key(key)
        int64(Int64(value))
    }
}
