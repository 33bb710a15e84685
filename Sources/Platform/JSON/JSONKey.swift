import Glibc

/// A member's key, unescaped, to be matched against literals: `switch key { case "email": … default: … }`.
public struct JSONKey: ~Escapable {
    @usableFromInline let bytes: RawSpan

    @_lifetime(copy bytes)
    init(bytes: RawSpan) { self.bytes = bytes }

    /// Whether the key is the literal.
    @inlinable
    public static func ~= (literal: StaticString, key: borrowing JSONKey) -> Bool {
        // Most differ in length, which is seen without a call.
        literal.utf8CodeUnitCount == key.bytes.byteCount && key.hasBytes(of: literal)
    }

    /// Whether it is the literal, which is as long.
    @usableFromInline
    func hasBytes(of literal: StaticString) -> Bool {
        unsafe bytes.withUnsafeBytes { key in
            unsafe key.isEmpty || memcmp(literal.utf8Start, key.baseAddress!, key.count) == 0
        }
    }

    /// The key as text, for keys that are not known in advance.
    public var text: String {
        unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    static func == (key: borrowing JSONKey, bytes: RawSpan) -> Bool {
        guard key.bytes.byteCount == bytes.byteCount else { return false }
        return unsafe key.bytes.withUnsafeBytes { one in
            unsafe bytes.withUnsafeBytes { other in
                unsafe one.isEmpty || memcmp(one.baseAddress!, other.baseAddress!, one.count) == 0
            }
        }
    }

    /// A hash of eight bytes at a time. Each process has its own seed, so that nobody can send keys that collide and
    /// make every comparison of them a long one.
    var hash: UInt64 {
        let count = bytes.byteCount
        var hash = Self.seed ^ UInt64(truncatingIfNeeded: count)
        var next = 0
        while next &+ 8 <= count {
            hash = Self.mix(hash, unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: next, as: UInt64.self))
            next &+= 8
        }
        var rest: UInt64 = 0
        while next < count {
            rest = rest << 8 | UInt64(unsafe bytes.unsafeLoad(fromUncheckedByteOffset: next, as: UInt8.self))
            next &+= 1
        }
        return Self.mix(hash, rest)
    }

    private static let seed = UInt64.random(in: .min ... .max)

    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low &+ hash.byteSwapped
    }
}
