import Glibc

/// Ports that are free now, and stay so until a program under test listens on them.
enum FreePorts {
    /// Below those that the system gives to outgoing connections (`ip_local_port_range`, ip(7)), of which a test makes
    /// thousands, and those that the Kafka command takes.
    private static let range = 10_000..<20_000

    static func take(_ count: Int) -> [Int] {
        // All are held until the last is found, so that none is given twice; and by nobody else: a program that another test
        // starts meanwhile would go on holding what it inherits.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let sockets = (0..<count).map { _ in socket(AF_INET, kind, 0) }
        defer { for socket in sockets { close(socket) } }
        var candidates = range.shuffled().makeIterator()
        return sockets.map { socket in
            while let port = candidates.next() { if isBound(socket, to: port) { return port } }
            preconditionFailure("none of the ports \(range) is free")
        }
    }

    private static func isBound(_ socket: Int32, to port: Int) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
