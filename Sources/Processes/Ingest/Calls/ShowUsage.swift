import HTTP
import JSON
import Orders
import RateLimit

/// `GET /usage`: how the token's limit stands. Costs no permit, and is answered once a second.
struct ShowUsage: Sendable {
    let gate: any PermitGate

    func response(_ caller: Caller, now: Timestamp) throws(Refusal) -> Response {
        guard let usage = gate.usage(of: caller.token) else {
            throw .unavailable(.reducedCapacity, "The topic of the rate limit is still being read.", retryAfter: 2)
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

    private static func write(_ spender: PermitUsage.Spender, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("process", spender.process)
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
