import Glibc

/// The listening sockets, one for each loop: opened and closed by us, so that errors can be reported.
///
/// The kernel distributes new connections among them (SO_REUSEPORT, socket(7)). The first is bound without that, since
/// two servers on one port are a mistake that must show at once.
enum Listener {
    private static let backlog: Int32 = 4096

    /// - Returns: `count` sockets on one port.
    static func open(_ listen: String, count: Int) throws(ServerError) -> [Int32] {
        guard var address = SocketAddress(listen) else {
            throw ServerError(
                .badAddress, "cannot listen on \"\(listen)\": give an address and a port, as 0.0.0.0:8080 or [::]:8080")
        }
        var descriptors: [Int32] = []
        do throws(Failure) {
            while descriptors.count < count {
                let isFirst = descriptors.isEmpty
                let descriptor = try bound(address, isShared: !isFirst)
                descriptors.append(descriptor)
                if isFirst {
                    turnOn(SO_REUSEPORT, descriptor)
                    address.port = SocketAddress.port(of: descriptor)
                }
            }
            for descriptor in descriptors where Glibc.listen(descriptor, backlog) != 0 { throw Failure(code: errno) }
        } catch {
            for descriptor in descriptors { close(descriptor) }
            throw Self.error(listen, error.code)
        }
        return descriptors
    }

    private struct Failure: Error { var code: Int32 }

    private static func bound(_ address: SocketAddress, isShared: Bool) throws(Failure) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        turnOn(SO_REUSEADDR, descriptor)
        if isShared { turnOn(SO_REUSEPORT, descriptor) }
        guard address.withPointer({ bind(descriptor, $0, address.size) }) == 0 else {
            let code = errno
            close(descriptor)
            throw Failure(code: code)
        }
        return descriptor
    }

    private static func turnOn(_ option: Int32, _ descriptor: Int32) {
        var isOn: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, option, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func error(_ listen: String, _ code: Int32) -> ServerError {
        let port = listen.split(separator: ":").last ?? ""
        return switch code {
        case EADDRINUSE:
            ServerError(.addressInUse, "cannot listen on \(listen): port \(port) is taken by another program")
        case EACCES, EPERM:
            ServerError(.permissionDenied, "cannot listen on \(listen): ports below 1024 need a privilege")
        case EADDRNOTAVAIL:
            ServerError(.badAddress, "cannot listen on \(listen): this machine has no such address")
        default:
            ServerError(.other, "cannot listen on \(listen): \(String(cString: strerror(code)))")
        }
    }
}
