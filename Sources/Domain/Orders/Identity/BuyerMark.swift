import Crypto

extension Buyer {
    /// What distinguishes buyers when distinct ones are counted: a digest of the account and the e-mail (of any case),
    /// else the phone, else the person's id; nil if the buyer has none of them. It holds no address and differs between
    /// accounts.
    public func mark(account: String) -> String? {
        let hashed: [UInt8]
        if let email {
            hashed = lengthPrefixed(account, "email", email.lowercased())
        } else if let phone {
            hashed = lengthPrefixed(account, "phone", phone)
        } else if let personID {
            hashed = lengthPrefixed(account, "person", personID)
        } else {
            return nil
        }
        return sha256(hashed).withUnsafeBytes { hexadecimal($0.prefix(16)) }
    }
}

/// The parts, each with its length before it (4 bytes, big-endian): no two lists have the same bytes.
func lengthPrefixed(_ parts: String...) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(parts.reduce(0) { $0 + 4 + $1.utf8.count })
    for part in parts {
        let length = UInt32(part.utf8.count)
        withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: part.utf8)
    }
    return bytes
}
