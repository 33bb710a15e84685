extension JSONReader {
    /// A string as it stands in the text.
    struct StringToken {
        /// Between the quotes.
        var range: Range<Int>
        /// Whether there are escapes in it; they are not checked yet.
        var isEscaped: Bool
    }

    func peek(_ ahead: Int = 0) -> UInt8? {
        let index = offset &+ ahead
        return index < bytes.byteCount ? unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) : nil
    }

    mutating func skipSpace() {
        while let byte = peek(), byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset &+= 1
        }
    }

    /// Reads the byte, and the space after it, if it is next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset &+= 1
        skipSpace()
        return true
    }

    mutating func literal(_ text: StaticString) throws(JSONError) {
        for index in 0..<text.utf8CodeUnitCount {
            guard unsafe peek() == text.utf8Start[index] else { throw unexpected() }
            offset &+= 1
        }
        skipSpace()
    }

    mutating func numberToken() throws(JSONError) -> Range<Int> {
        let start = offset
        if peek() == UInt8(ascii: "-") { offset &+= 1 }
        if peek() == UInt8(ascii: "0") { offset &+= 1 } else { try digits() }
        if peek() == UInt8(ascii: ".") {
            offset &+= 1
            try digits()
        }
        if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
            offset &+= 1
            if let sign = peek(), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { offset &+= 1 }
            try digits()
        }
        return start..<offset
    }

    private mutating func digits() throws(JSONError) {
        guard let byte = peek(), byte &- 0x30 < 10 else { throw unexpected() }
        while let byte = peek(), byte &- 0x30 < 10 { offset &+= 1 }
    }

    mutating func stringToken() throws(JSONError) -> StringToken {
        offset &+= 1
        let start = offset
        var isEscaped = false
        while true {
            skipPlain()
            guard let byte = peek() else { throw JSONError(.unexpectedEnd, at: offset) }
            switch byte {
            case UInt8(ascii: "\""):
                offset &+= 1
                return StringToken(range: start..<offset &- 1, isEscaped: isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                guard peek(1) != nil else { throw JSONError(.unexpectedEnd, at: bytes.byteCount) }
                offset &+= 2
            case ..<0x20: throw JSONError(.controlCharacter, at: offset)
            default: offset &+= 1
            }
        }
    }

    /// Skips eight bytes at a time while none of them is a quote, a backslash or a control character. (The test for a
    /// byte below n in a word is the well-known one: it may mark a byte above a true one wrongly, never below, so the
    /// lowest mark is right.)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while offset &+ 8 <= bytes.byteCount {
            let word = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self).littleEndian
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let control = (word &- ones &* 0x20) & ~word
            let stop = ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | control
            let marks = stop & (ones &* 0x80)
            if marks != 0 {
                offset &+= marks.trailingZeroBitCount / 8
                return
            }
            offset &+= 8
        }
    }

    func unexpected() -> JSONError {
        guard let byte = peek() else { return JSONError(.unexpectedEnd, at: offset) }
        return JSONError(.unexpectedByte(byte), at: offset)
    }

    /// The value has another kind than expected; or no value begins here.
    func mismatch(expected: JSONKind) -> JSONError {
        next == nil ? unexpected() : JSONError(.typeMismatch(expected: expected), at: offset)
    }
}
