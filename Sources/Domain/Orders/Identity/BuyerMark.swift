import Crypto

extension Buyer {
    /// What tells buyers apart where distinct ones are counted: a digest of the account and the e-mail (of any case), else
    /// the phone, else the person's id; nil where there is none of them. It holds no address and differs between accounts.
    public func mark(account: String) -> String? {
        let parts: [String]
        if let email {
            parts = ["email", email.lowercased()]
        } else if let phone {
            parts = ["phone", phone]
        } else if let personID {
            parts = ["person", personID]
        } else {
            return nil
        }
        return hexadecimal(sha256(lengthPrefixed([account] + parts)).bytes.prefix(16))
    }
}

/// The parts, each with its length before it (4 bytes, big-endian): no two lists have the same bytes.
func lengthPrefixed(_ parts: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in parts {
        let length = UInt32(part.utf8.count)
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        bytes.append(contentsOf: part.utf8)
    }
    return bytes
}
