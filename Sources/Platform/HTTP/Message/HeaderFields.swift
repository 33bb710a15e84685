/// Header fields in their order; names compare without regard to case.
///
/// All of them are in one array of bytes, each as the lengths of name and value, the name, a zero, the value, a zero: a
/// request's head costs one allocation, a look-up makes a string of the one value that was asked for, and the C
/// libraries below can use the bytes in place.
public struct HeaderFields: Sendable, ExpressibleByDictionaryLiteral {
    private(set) var bytes: [UInt8] = []
    private static let lengthsSize = 8

    /// The fields in bytes that ``write(_:_:to:)`` wrote.
    init(encoded: UnsafeRawBufferPointer) { bytes = Array(encoded) }

    /// Room for the fields of a usual answer.
    private static let usualByteCount = 480

    public init(dictionaryLiteral elements: (String, String)...) {
        if !elements.isEmpty { bytes.reserveCapacity(Self.usualByteCount) }
        for (name, value) in elements { add(name, value) }
    }

    /// The fields of these pairs, in their order.
    public init(_ pairs: some Sequence<(name: String, value: String)>) {
        for (name, value) in pairs { add(name, value) }
    }

    /// Every field with its value.
    public var all: [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        forEach { name, value in
            all.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        return all
    }

    /// Whether there is no field.
    public var isEmpty: Bool { bytes.isEmpty }

    /// The first value of the field; nil if the field is missing. Setting replaces all its values; nil removes the field.
    public subscript(_ name: String) -> String? {
        get {
            var name = name
            return name.withUTF8 { wanted in
                var found: String?
                visit { one, value in
                    guard Self.same(one, wanted) else { return true }
                    found = String(decoding: value, as: UTF8.self)
                    return false
                }
                return found
            }
        }
        set {
            remove(name)
            if let newValue { add(name, newValue) }
        }
    }

    /// Every value of the field, in order.
    public func values(of name: String) -> [String] {
        var values: [String] = []
        var name = name
        name.withUTF8 { wanted in
            forEach { one, value in
                if Self.same(one, wanted) { values.append(String(decoding: value, as: UTF8.self)) }
            }
        }
        return values
    }

    /// Adds a field, and keeps those of the same name.
    public mutating func add(_ name: String, _ value: String) {
        var (name, value) = (name, value)
        name.withUTF8 { name in value.withUTF8 { value in append(name, value) } }
    }

    /// Adds a field whose value `write` puts together from texts and numbers, of at most 128 bytes: no string is made of it.
    public mutating func add(_ name: StaticString, _ write: (inout HeaderValue) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HeaderValue.countMaximum) { memory in
            var value = HeaderValue(memory)
            write(&value)
            name.withUTF8Buffer { append($0, value.bytes) }
        }
    }

    /// Adds a field given as bytes.
    mutating func append(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        let place = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: Self.size(name.count, value.count)))
        bytes.withUnsafeMutableBytes {
            Self.write(name, value, to: UnsafeMutableRawBufferPointer(rebasing: $0[place...]))
        }
    }

    /// How many bytes a field takes.
    static func size(_ nameCount: Int, _ valueCount: Int) -> Int { lengthsSize + nameCount + valueCount + 2 }

    /// Writes a field into as many bytes as ``size(_:_:)`` says.
    static func write(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>,
        to memory: UnsafeMutableRawBufferPointer
    ) {
        guard let base = memory.baseAddress, memory.count >= size(name.count, value.count) else { return }
        base.storeBytes(of: UInt32(truncatingIfNeeded: name.count), as: UInt32.self)
        base.storeBytes(of: UInt32(truncatingIfNeeded: value.count), toByteOffset: 4, as: UInt32.self)
        copy(name, to: base + lengthsSize)
        copy(value, to: base + lengthsSize + name.count + 1)
    }

    /// The bytes, and a zero.
    private static func copy(_ bytes: UnsafeBufferPointer<UInt8>, to memory: UnsafeMutableRawPointer) {
        if let source = bytes.baseAddress { memory.copyMemory(from: source, byteCount: bytes.count) }
        memory.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
    }

    /// Visits the fields as bytes; a zero follows each name and each value.
    func forEach(_ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void) {
        visit { name, value in
            body(name, value)
            return true
        }
    }

    /// As `forEach`, until `body` answers false.
    @inline(__always)
    private func visit(_ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool) {
        bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            var at = 0
            while at < bytes.count {
                let (nameCount, valueCount) = UnsafeRawPointer(base + at).loadUnaligned(as: (UInt32, UInt32).self)
                let name = at + Self.lengthsSize
                let value = name + Int(nameCount) + 1
                at = value + Int(valueCount) + 1
                let isWanted = body(
                    UnsafeBufferPointer(start: base + name, count: Int(nameCount)),
                    UnsafeBufferPointer(start: base + value, count: Int(valueCount)))
                if !isWanted { return }
            }
        }
    }

    private mutating func remove(_ name: String) {
        guard !bytes.isEmpty else { return }
        var kept: HeaderFields = [:]
        kept.bytes.reserveCapacity(bytes.count)
        var name = name
        name.withUTF8 { wanted in
            forEach { one, value in if !Self.same(one, wanted) { kept.append(one, value) } }
        }
        self = kept
    }

    /// Whether two names are the same, ignoring the case of ASCII letters.
    static func same(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        for index in 0..<one.count where one[index] != other[index] {
            let folded = one[index] | 0x20
            guard folded == other[index] | 0x20, UInt8(ascii: "a")...UInt8(ascii: "z") ~= folded else { return false }
        }
        return true
    }
}

extension HeaderFields: Equatable {}
