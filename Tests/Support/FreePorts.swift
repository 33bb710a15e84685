import Foundation

/// Ports that are free now, and stay so until a program under test listens on them.
package enum FreePorts {
    /// Below those that the system gives to outgoing connections (`ip_local_port_range`, ip(7)), of which a test makes
    /// thousands.
    private static let range = 10_000..<20_000

    package static func take(_ count: Int) -> [Int] { (0..<count).map { _ in takeRow(of: 1) } }

    /// The first of `count` free ports in a row.
    package static func takeRow(of count: Int) -> Int {
        for first in range.shuffled() where first + count <= range.upperBound {
            if (first..<first + count).allSatisfy({ isFree($0) && isReserved($0) }) { return first }
        }
        preconditionFailure("no \(count) of the ports \(range) in a row are free: end what listens on them")
    }

    /// Whether this process has the port for as long as it lives: no other test takes it meanwhile, in this process or in
    /// one beside it. A lock on a file, since a socket that holds the port would be in the program's way.
    private static func isReserved(_ port: Int) -> Bool {
        let file = open("\(folder)/\(port)", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard file >= 0 else { return false }
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
        close(file)
        return false
    }

    private static let folder: String = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "orderrelay-ports").path
        mkdir(folder, 0o777)
        return folder
    }()

    private static func isFree(_ port: Int) -> Bool {
        // Held by nobody else: a program that another test starts meanwhile would go on holding what it inherits.
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
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
