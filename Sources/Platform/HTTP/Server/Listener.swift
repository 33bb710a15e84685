import Glibc

/// The listening socket: ours, so that its errors can be told, and closed by us.
///
/// Without SO_REUSEPORT: two servers on one port are a mistake that must show at once.
enum Listener {
    private static let backlog: Int32 = 4096

    static func open(_ listen: String) throws(ServerError) -> Int32 {
        guard let address = SocketAddress(listen) else {
            throw ServerError(
                .badAddress, "cannot listen on \"\(listen)\": give an address and a port, as 0.0.0.0:8080 or [::]:8080")
        }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw error(listen, errno) }
        var isOn: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
        guard address.withPointer({ bind(descriptor, $0, address.size) }) == 0, Glibc.listen(descriptor, backlog) == 0
        else {
            let code = errno
            close(descriptor)
            throw error(listen, code)
        }
        return descriptor
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
