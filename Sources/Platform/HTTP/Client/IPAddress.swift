import Glibc

/// An IPv4 or IPv6 address. An IPv4 address inside an IPv6 one (`::ffff:10.0.0.1`) is the IPv4 address.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, as on the wire.
    public let bytes: [UInt8]

    /// Parses `192.0.2.1` or `2001:db8::1`; nil for any other text.
    public init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = Self.unmapped(withUnsafeBytes(of: six) { Array($0) })
        } else {
            return nil
        }
    }

    /// The address in a socket's address; nil if that is of another family.
    init?(_ address: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET: bytes = withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
        case AF_INET6:
            bytes = Self.unmapped(withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) })
        default: return nil
        }
    }

    private static func unmapped(_ bytes: [UInt8]) -> [UInt8] {
        bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF ? Array(bytes[12...]) : bytes
    }

    public var description: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count))
        return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }
}

extension IPAddress {
    /// Whether the address may be one of the open internet: not of this machine, a private network, a link, a group of
    /// receivers, or set aside for something else (IANA's special-purpose registries; RFC 6890).
    public var isPublic: Bool {
        let closed = bytes.count == 4 ? Self.closedIPv4 : Self.closedIPv6
        guard !closed.contains(where: { $0.contains(bytes) }) else { return false }
        if bytes.count == 4 { return true }
        // Of IPv6 only 2000::/3 is assigned; addresses that carry an IPv4 address are judged by that one.
        guard bytes[0] & 0xE0 == 0x20 else {
            return Network("64:ff9b::/96").contains(bytes) && IPAddress(fourBytes: bytes[12...]).isPublic
        }
        return !Network("2002::/16").contains(bytes) || IPAddress(fourBytes: bytes[2..<6]).isPublic
    }

    private init(fourBytes: ArraySlice<UInt8>) { bytes = Array(fourBytes) }

    private static let closedIPv4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].map { Network($0) }

    private static let closedIPv6 = [
        "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
    ].map { Network($0) }

    /// Addresses that begin with the same bits.
    private struct Network {
        let bytes: [UInt8]
        let bits: Int

        init(_ text: String) {
            let parts = text.split(separator: "/")
            guard parts.count == 2, let address = IPAddress(String(parts[0])), let bits = Int(parts[1]) else {
                preconditionFailure("\(text) is not a network")
            }
            (bytes, self.bits) = (address.bytes, bits)
        }

        func contains(_ other: [UInt8]) -> Bool {
            guard other.count == bytes.count else { return false }
            let whole = bits / 8
            guard other[..<whole] == bytes[..<whole] else { return false }
            let rest = bits % 8
            return rest == 0 || (other[whole] ^ bytes[whole]) >> UInt8(8 - rest) == 0
        }
    }
}
