/// Reads a record's binary form, strictly: every byte must have one meaning, and every meaning one form.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], from position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    mutating func byte(_ what: StaticString) throws(RecordFault) -> UInt8 {
        guard position < bytes.count else { throw .malformed(at: position, what) }
        defer { position += 1 }
        return bytes[position]
    }

    /// Eight bytes, big-endian.
    mutating func fixed(_ what: StaticString) throws(RecordFault) -> UInt64 {
        guard bytes.count - position >= 8 else { throw .malformed(at: position, what) }
        var value: UInt64 = 0
        for index in position..<position + 8 { value = value << 8 | UInt64(bytes[index]) }
        position += 8
        return value
    }

    /// LEB128 in its shortest form.
    mutating func varint(_ what: StaticString) throws(RecordFault) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            let next = try byte(what)
            guard shift < 63 || next <= 1 else { throw .malformed(at: start, what) }
            value |= UInt64(next & 0x7F) << UInt64(shift)
            if next & 0x80 == 0 {
                guard next != 0 || shift == 0 else { throw .malformed(at: start, what) }
                return value
            }
        }
        throw .malformed(at: start, what)
    }

    /// A varint that lies in `range`.
    mutating func number(_ what: StaticString, in range: ClosedRange<Int64>) throws(RecordFault) -> Int64 {
        let start = position
        let value = try varint(what)
        guard value <= UInt64(Int64.max), range.contains(Int64(value)) else { throw .malformed(at: start, what) }
        return Int64(value)
    }

    mutating func number(_ what: StaticString, in range: ClosedRange<Int>) throws(RecordFault) -> Int {
        Int(try number(what, in: Int64(range.lowerBound)...Int64(range.upperBound)))
    }

    mutating func raw(_ count: Int, _ what: StaticString) throws(RecordFault) -> [UInt8] {
        guard bytes.count - position >= count else { throw .malformed(at: position, what) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    func end() throws(RecordFault) {
        guard position == bytes.count else { throw .malformed(at: position, "the end") }
    }
}
