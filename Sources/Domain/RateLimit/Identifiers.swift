/// What is limited: 16 random bytes. A token has one, its replacement inherits it, an account may let tokens share one.
public struct LimitID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter bytes: exactly 16; nil for any other number.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// - Parameter hexadecimal: 32 hexadecimal digits, as topic `control` writes it; nil for anything else.
    public init?(hexadecimal text: String) {
        guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16), !text.utf8.contains(UInt8(ascii: "+"))
        else { return nil }
        self.init(high: high, low: low)
    }

    /// The partition of `count` in which this limit's claims lie: its first four bytes modulo the number.
    public func partition(of count: Int32) -> Int32 { Int32(UInt32(high >> 32) % UInt32(count)) }

    /// 32 lower-case hexadecimal digits.
    public var description: String { hexadecimalDigits(high) + hexadecimalDigits(low) }

    /// Ids are random, so half of one is as good a hash as the whole.
    public func hash(into hasher: inout Hasher) { hasher.combine(low) }

    public static func < (one: Self, other: Self) -> Bool { (one.high, one.low) < (other.high, other.low) }
}

/// A process, from one start to its end: 8 random bytes.
public struct ProcessID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let bits: UInt64

    public init(_ bits: UInt64) { self.bits = bits }

    /// 16 lower-case hexadecimal digits.
    public var description: String { hexadecimalDigits(bits) }

    public static func < (one: Self, other: Self) -> Bool { one.bits < other.bits }
}

private func hexadecimalDigits(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
