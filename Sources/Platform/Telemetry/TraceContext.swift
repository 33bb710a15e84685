/// W3C trace context: a trace's id, this span's id, and whether it is sampled (https://www.w3.org/TR/trace-context/).
public struct TraceContext: Sendable, Equatable {
    /// 16 bytes as two big-endian numbers, not both zero.
    public var traceID: TraceID
    /// 8 bytes as a big-endian number, not zero.
    public var spanID: UInt64
    /// The flag `sampled`: whether the caller may have recorded the trace.
    public var isSampled: Bool

    /// A trace's 16 bytes.
    public struct TraceID: Sendable, Equatable {
        /// The first eight bytes.
        public var high: UInt64
        /// The last eight bytes.
        public var low: UInt64
    }

    /// Parses the header, `00-…-…-01`; nil if it is malformed. Further fields of a later version are ignored (§4.3).
    public init?(traceparent: String) {
        let text = Array(traceparent.utf8)
        let dash = UInt8(ascii: "-")
        guard text.count >= 55, text.count <= 512, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = number(text[0..<2]), version != 0xff,
            version == 0 ? text.count == 55 : (text.count == 55 || text[55] == dash),
            let high = number(text[3..<19]), let low = number(text[19..<35]), high != 0 || low != 0,
            let spanID = number(text[36..<52]), spanID != 0,
            let flags = number(text[53..<55])
        else { return nil }
        traceID = TraceID(high: high, low: low)
        self.spanID = spanID
        isSampled = flags & 1 == 1
    }

    /// A new root, sampled; `random` gives 64 random bits.
    public init(random: () -> UInt64) {
        traceID = TraceID(high: random(), low: nonZero(random()))
        spanID = nonZero(random())
        isSampled = true
    }

    /// The same trace with a span id of its own.
    public func child(random: () -> UInt64) -> TraceContext {
        var child = self
        child.spanID = nonZero(random())
        return child
    }

    /// The trace's id as logs and other systems show it: 32 lower-case hexadecimal digits.
    public var id: String { String(traceparent.dropFirst(3).prefix(32)) }

    /// The header's value, version 00.
    public var traceparent: String {
        String(unsafeUninitializedCapacity: 55) { text in
            text[2] = UInt8(ascii: "-")
            text[35] = UInt8(ascii: "-")
            text[52] = UInt8(ascii: "-")
            func put(_ value: UInt64, digits: Int, at place: Int) {
                for index in 0..<digits {
                    let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index)) & 15)
                    text[place + index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
                }
            }
            put(0, digits: 2, at: 0)
            put(traceID.high, digits: 16, at: 3)
            put(traceID.low, digits: 16, at: 19)
            put(spanID, digits: 16, at: 36)
            put(isSampled ? 1 : 0, digits: 2, at: 53)
            return 55
        }
    }
}

/// Zero means "none" in this format.
private func nonZero(_ value: UInt64) -> UInt64 { value == 0 ? 1 : value }

/// At most 16 lower-case hexadecimal digits, as the specification asks.
private func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    var number: UInt64 = 0
    for digit in digits {
        let value: UInt8
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
        default: return nil
        }
        number = number << 4 | UInt64(value)
    }
    return number
}
