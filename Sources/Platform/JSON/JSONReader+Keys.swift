extension JSONReader {
    /// A key of an object that is being read.
    struct SeenKey {
        var hash: UInt64
        var token: StringToken
    }

    /// Notes a key of the object whose keys begin at `first`; one noted before is refused.
    mutating func note(_ key: borrowing JSONKey, _ token: StringToken, since first: Int) throws(JSONError) {
        let hash = key.hash
        let bit: UInt64 = 1 << (hash & 63)
        // This bit distinguishes most keys from all before them.
        if seenHashes & bit != 0 {
            for index in first..<keys.count where keys[index].hash == hash {
                if try isKey(key, writtenBy: keys[index].token) {
                    throw JSONError(.duplicateKey, at: token.range.lowerBound - 1)
                }
            }
        }
        seenHashes |= bit
        guard keys.count - first < Self.maximumMembers else {
            throw JSONError(.tooManyMembers, at: token.range.lowerBound - 1)
        }
        keys.append(SeenKey(hash: hash, token: token))
    }

    private func isKey(_ key: borrowing JSONKey, writtenBy token: StringToken) throws(JSONError) -> Bool {
        guard token.isEscaped else { return key == bytes.extracting(token.range) }
        let plain = try unescape(token.range)
        return key == plain.span.bytes
    }
}
