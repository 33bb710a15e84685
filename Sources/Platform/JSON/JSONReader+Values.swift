extension JSONReader {
    /// Reads a string.
    public mutating func string() throws(JSONError) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw mismatch(expected: .string) }
        let token = try stringToken()
        skipSpace()
        if token.isEscaped { return try String(decoding: unescape(token.range), as: UTF8.self) }
        return text(token.range)
    }

    /// Reads a number; throws for one that ``ExactDecimal`` cannot hold.
    public mutating func decimal() throws(JSONError) -> ExactDecimal {
        let start = offset
        guard let value = try decimalIfExact() else { throw JSONError(.numberOutOfRange, at: start) }
        return value
    }

    /// Reads a number; nil if ``ExactDecimal`` cannot hold it. For a reader that goes on to find what else is wrong.
    public mutating func decimalIfExact() throws(JSONError) -> ExactDecimal? {
        guard isNext(.number) else { throw mismatch(expected: .number) }
        let range = try numberToken()
        skipSpace()
        return ExactDecimal(bytes.extracting(range))
    }

    /// Reads a number, without its last digits after the point if ``ExactDecimal`` cannot hold all of them; nil if it
    /// cannot hold it even so.
    public mutating func decimalCut() throws(JSONError) -> (ExactDecimal?, isExact: Bool) {
        guard isNext(.number) else { throw mismatch(expected: .number) }
        let range = try numberToken()
        skipSpace()
        if let exact = ExactDecimal(bytes.extracting(range)) { return (exact, true) }
        return (ExactDecimal(cutting: text(range)), false)
    }

    /// Reads an integer that fits into 64 bits; `2e3` is one, `2.0` is not.
    public mutating func int64() throws(JSONError) -> Int64 {
        let start = offset
        let value = try decimal()
        guard value.scale == 0 else { throw JSONError(.numberOutOfRange, at: start) }
        return value.digits
    }

    /// Reads `true` or `false`.
    public mutating func bool() throws(JSONError) -> Bool {
        switch peek() {
        case UInt8(ascii: "t"):
            try literal("true")
            return true
        case UInt8(ascii: "f"):
            try literal("false")
            return false
        default: throw mismatch(expected: .bool)
        }
    }

    /// Reads `null` if it is next; whether it was.
    public mutating func null() throws(JSONError) -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    /// Reads a value of any kind and drops it; it is checked as strictly as any other.
    public mutating func skip() throws(JSONError) {
        switch next {
        case .object: try object { reader, _ throws(JSONError) in try reader.skip() }
        case .array: try array { reader throws(JSONError) in try reader.skip() }
        case .string:
            let token = try stringToken()
            if token.isEscaped { _ = try unescape(token.range) }
            skipSpace()
        case .number:
            _ = try numberToken()
            skipSpace()
        case .bool: _ = try bool()
        case .null: _ = try null()
        case nil: throw unexpected()
        }
    }

    private func text(_ range: Range<Int>) -> String {
        // The initializer has validated all of the bytes, and quotes are ASCII: the range holds whole scalars.
        String(copying: unsafe UTF8Span(unchecked: Span<UInt8>(_bytes: bytes.extracting(range))))
    }
}
