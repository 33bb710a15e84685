extension JSONReader {
    /// The bytes that a string with escapes stands for.
    func unescape(_ range: Range<Int>) throws(JSONError) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(range.count)
        var next = range.lowerBound
        while next < range.upperBound {
            let start = next
            while next < range.upperBound, byte(at: next) != UInt8(ascii: "\\") { next &+= 1 }
            unsafe bytes.extracting(start..<next).withUnsafeBytes { unsafe plain.append(contentsOf: $0) }
            if next < range.upperBound { try unescapeOne(at: &next, before: range.upperBound, into: &plain) }
        }
        return plain
    }

    /// Reads one escape sequence, a surrogate pair as one. A backslash is never the last byte of a string's range: the
    /// tokenizer took the byte after it along.
    private func unescapeOne(at next: inout Int, before end: Int, into plain: inout [UInt8]) throws(JSONError) {
        let start = next
        next += 2
        switch byte(at: start + 1) {
        case UInt8(ascii: "\""): plain.append(0x22)
        case UInt8(ascii: "\\"): plain.append(0x5C)
        case UInt8(ascii: "/"): plain.append(0x2F)
        case UInt8(ascii: "b"): plain.append(0x08)
        case UInt8(ascii: "f"): plain.append(0x0C)
        case UInt8(ascii: "n"): plain.append(0x0A)
        case UInt8(ascii: "r"): plain.append(0x0D)
        case UInt8(ascii: "t"): plain.append(0x09)
        case UInt8(ascii: "u"):
            var value = try codeUnit(at: &next, before: end)
            let isFollowed = next + 2 <= end && byte(at: next) == 0x5C && byte(at: next + 1) == UInt8(ascii: "u")
            if 0xD800..<0xDC00 ~= value, isFollowed {
                next += 2
                let low = try codeUnit(at: &next, before: end)
                guard 0xDC00..<0xE000 ~= low else { throw JSONError(.loneSurrogate, at: start) }
                value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(value), let code = UTF8.encode(scalar) else {
                throw JSONError(.loneSurrogate, at: start)
            }
            plain.append(contentsOf: code)
        default: throw JSONError(.invalidEscape, at: start)
        }
    }

    private func codeUnit(at next: inout Int, before end: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard next < end, let digit = Self.hexadecimal(byte(at: next)) else {
                throw JSONError(.invalidEscape, at: next)
            }
            unit = unit << 4 | digit
            next += 1
        }
        return unit
    }

    private func byte(at index: Int) -> UInt8 {
        bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- 0x30)
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32((byte | 0x20) &- 0x57)
        default: nil
        }
    }
}
