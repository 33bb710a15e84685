import Glibc

/// An address and a port, as the C library wants them.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private(set) var size: socklen_t = 0
    var family: Int32 { Int32(storage.ss_family) }

    private init() {}

    /// Reads `127.0.0.1:8080` or `[::1]:8080`; nil if it is neither.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon]
        if host.first == "[", host.last == "]" {
            guard setIPv6(String(host.dropFirst().dropLast()), port) else { return nil }
        } else {
            guard setIPv4(String(host), port) else { return nil }
        }
    }

    private mutating func setIPv4(_ host: String, _ port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return false }
        set(address)
        return true
    }

    private mutating func setIPv6(_ host: String, _ port: UInt16) -> Bool {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { return false }
        set(address)
        return true
    }

    /// The port stands at the same place in both families.
    var port: Int {
        get {
            withUnsafeBytes(of: storage) {
                Int(UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            }
        }
        set {
            let port = UInt16(truncatingIfNeeded: newValue).bigEndian
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: port, toByteOffset: 2, as: UInt16.self) }
        }
    }

    private mutating func set<Address>(_ address: Address) {
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: Address.self) }
        size = socklen_t(MemoryLayout<Address>.size)
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        withUnsafePointer(to: storage) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }

    /// The address without its port; an IPv4 address that came by an IPv6 socket reads as IPv4.
    static func text(_ address: UnsafePointer<sockaddr>) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            var host = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
            inet_ntop(AF_INET, &host, &text, socklen_t(text.count))
        case AF_INET6:
            var host = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            inet_ntop(AF_INET6, &host, &text, socklen_t(text.count))
        default: return ""
        }
        let string = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        return string.hasPrefix("::ffff:") && string.contains(".") ? String(string.dropFirst(7)) : string
    }

    /// The port that a listening socket has.
    static func port(of descriptor: Int32) -> Int {
        var address = SocketAddress()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let found = withUnsafeMutablePointer(to: &address.storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return found == 0 ? address.port : 0
    }
}
