/// W3C trace context: a trace's id, this span's id, and whether it is sampled (https://www.w3.org/TR/trace-context/).
public struct TraceContext: Sendable, Hashable {
    /// 16 bytes as two big-endian numbers, not both zero.
    public var traceID: TraceID
    /// 8 bytes as a big-endian number, not zero.
    public var spanID: UInt64
    /// The flag `sampled`: whether the caller may have recorded the trace.
    public var isSampled: Bool

    /// A trace's 16 bytes.
    public struct TraceID: Sendable, Hashable {
        /// The first eight bytes.
        public var high: UInt64
        /// The last eight bytes.
        public var low: UInt64
    }

    /// Parses the header, `00-…-…-01`; nil if it is malformed. Further fields of a later version are ignored (§4.3).
    public init?(traceparent: String) {
        var text = traceparent
        // In place: a request's head, and each record that is taken in, is parsed without an allocation.
        guard let context = text.withUTF8(Self.parsed) else { return nil }
        self = context
    }

    private init(traceID: TraceID, spanID: UInt64, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    private static func parsed(_ text: UnsafeBufferPointer<UInt8>) -> TraceContext? {
        let dash = UInt8(ascii: "-")
        guard text.count >= 55, text.count <= 512, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = number(text[0..<2]), version != 0xff,
            version == 0 ? text.count == 55 : (text.count == 55 || text[55] == dash),
            let high = number(text[3..<19]), let low = number(text[19..<35]), high != 0 || low != 0,
            let spanID = number(text[36..<52]), spanID != 0,
            let flags = number(text[53..<55])
        else { return nil }
        return TraceContext(
            traceID: TraceID(high: high, low: low), spanID: spanID, isSampled: flags & 1 == 1)
    }

    /// A new root, not sampled: nothing of it is recorded unless a tracer decides that. `random` gives 64 random bits.
    public init(random: () -> UInt64) {
        self.init(
            traceID: TraceID(high: random(), low: nonZero(random())), spanID: nonZero(random()), isSampled: false)
    }

    /// The same trace with a span id of its own.
    public func child(random: () -> UInt64) -> TraceContext {
        var child = self
        child.spanID = nonZero(random())
        return child
    }

    /// The trace's id as logs and other systems show it: 32 lower-case hexadecimal digits.
    public var id: String {
        String(unsafeUninitializedCapacity: 32) { text in
            put(traceID.high, digits: 16, at: 0, in: text)
            put(traceID.low, digits: 16, at: 16, in: text)
            return 32
        }
    }

    /// The header's value, version 00.
    public var traceparent: String {
        String(unsafeUninitializedCapacity: 55) { text in
            text[2] = UInt8(ascii: "-")
            text[35] = UInt8(ascii: "-")
            text[52] = UInt8(ascii: "-")
            put(0, digits: 2, at: 0, in: text)
            put(traceID.high, digits: 16, at: 3, in: text)
            put(traceID.low, digits: 16, at: 19, in: text)
            put(spanID, digits: 16, at: 36, in: text)
            put(isSampled ? 1 : 0, digits: 2, at: 53, in: text)
            return 55
        }
    }

    /// A span's id as exported spans have it: 16 lower-case hexadecimal digits.
    public static func text(ofSpan id: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { text in
            put(id, digits: 16, at: 0, in: text)
            return 16
        }
    }
}

/// Writes the last digits of a number, lower-case hexadecimal.
private func put(_ value: UInt64, digits: Int, at place: Int, in text: UnsafeMutableBufferPointer<UInt8>) {
    for index in 0..<digits {
        let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index)) & 15)
        text[place + index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
    }
}

/// Zero means "none" in this format.
private func nonZero(_ value: UInt64) -> UInt64 { value == 0 ? 1 : value }

/// At most 16 lower-case hexadecimal digits, as the specification asks.
private func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
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
