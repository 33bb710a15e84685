public import HTTP
public import Telemetry

extension Response {
    /// The pause that the receiver asks for, in any of the common header fields, at most
    /// ``HTTP/Response/retryAfterMaximum``; nil if it does not say.
    ///
    /// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), in milliseconds as Azure and OpenAI have it,
    /// `RateLimit-Reset` in seconds (draft-ietf-httpapi-ratelimit-headers-06), `X-RateLimit-Reset-After` in seconds
    /// with a fraction (Discord), `X-RateLimit-Reset` in seconds or as seconds since 1970 (GitHub).
    public func pause(at now: Int64 = WallClock.milliseconds()) -> Duration? {
        // A date has become seconds in the client.
        if let asked = retryAfter { return asked }
        let milliseconds: Double? =
            if let text = fields["Retry-After"], let seconds = number(text) {
                seconds * 1_000
            } else if let text = fields["Retry-After-Ms"] ?? fields["X-Retry-After-Ms"], let number = number(text) {
                number
            } else if let text = fields["RateLimit-Reset"] ?? fields["X-RateLimit-Reset-After"],
                let seconds = number(text)
            {
                seconds * 1_000
            } else if let text = fields["X-RateLimit-Reset"] ?? fields["X-Rate-Limit-Reset"], let seconds = number(text)
            {
                // No pause is as long as the time since 1970.
                seconds > 1e9 ? seconds * 1_000 - Double(now) : seconds * 1_000
            } else {
                nil
            }
        guard let milliseconds else { return nil }
        let longest = Double(Self.retryAfterMaximum.components.seconds) * 1_000
        return .milliseconds(Int64(min(max(0, milliseconds), longest).rounded(.up)))
    }

    private func number(_ text: String) -> Double? {
        guard text.utf8.count <= 20, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || $0 == 0x2E }) else { return nil }
        return Double(text)
    }
}
