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
        guard let halves = text.utf8.withContiguousStorageIfAvailable(Self.halves) ?? Self.halves(Array(text.utf8))
        else {
            return nil
        }
        self.init(high: halves.high, low: halves.low)
    }

    private static func halves(_ digits: some RandomAccessCollection<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard digits.count == 32, let high = number(digits.prefix(16)), let low = number(digits.suffix(16)) else {
            return nil
        }
        return (high, low)
    }

    private static func number(_ digits: some Collection<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for character in digits {
            guard let digit = character.hexadecimalDigit else { return nil }
            value = value << 4 | digit
        }
        return value
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
    /// The eight bytes, big-endian.
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

extension UInt8 {
    fileprivate var hexadecimalDigit: UInt64? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
