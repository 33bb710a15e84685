/// W3C trace context: a trace's id, this span's id, and whether it is sampled (https://www.w3.org/TR/trace-context/).
public struct TraceContext: Sendable, Equatable {
    /// 16 bytes, not all zero.
    public var traceID: [UInt8]
    /// 8 bytes, not all zero.
    public var spanID: [UInt8]
    public var isSampled: Bool

    /// The header's form `00-…-…-01`; nil where it is malformed. A later version's further fields are passed over (§4.3).
    public init?(traceparent: String) {
        let text = Array(traceparent.utf8)
        let dash = UInt8(ascii: "-")
        guard text.count >= 55, text.count <= 512, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = bytes(text[0..<2]), version != [0xff],
            version == [0] ? text.count == 55 : (text.count == 55 || text[55] == dash),
            let traceID = bytes(text[3..<35]), traceID.contains(where: { $0 != 0 }),
            let spanID = bytes(text[36..<52]), spanID.contains(where: { $0 != 0 }),
            let flags = bytes(text[53..<55])
        else { return nil }
        self.traceID = traceID
        self.spanID = spanID
        isSampled = flags[0] & 1 == 1
    }

    /// A fresh root, sampled; `random` gives that many random bytes.
    public init(random: (Int) -> [UInt8]) {
        traceID = nonZero(random(16))
        spanID = nonZero(random(8))
        isSampled = true
    }

    /// The same trace with a span id of its own.
    public func child(random: (Int) -> [UInt8]) -> TraceContext {
        var child = self
        child.spanID = nonZero(random(8))
        return child
    }

    public var traceparent: String { "00-\(hex(traceID))-\(hex(spanID))-\(isSampled ? "01" : "00")" }
}

/// All zeros mean "none" in this format.
private func nonZero(_ bytes: [UInt8]) -> [UInt8] {
    bytes.contains { $0 != 0 } ? bytes : bytes.dropLast() + [1]
}

private func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// Lower-case hexadecimal digits only, as the specification asks.
private func bytes(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in digits {
        let value: UInt8
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
        default: return nil
        }
        if let first = high {
            bytes.append(first << 4 | value)
            high = nil
        } else {
            high = value
        }
    }
    return bytes
}
