import Glibc
import Synchronization

/// An open socket or event descriptor; closed with its owner.
final class Descriptor: Sendable {
    let number: Int32
    private let isClosed = Atomic(false)
    init(_ number: Int32) { self.number = number }
    deinit { close() }

    /// At once, even if someone still holds it.
    func close() {
        if !isClosed.exchange(true, ordering: .acquiringAndReleasing) { _ = Glibc.close(number) }
    }
}

/// A listening TCP socket on an IPv4 address and port (`127.0.0.1:0`), and the port that it got.
func listeningSocket(_ address: String) throws(SandboxError) -> (socket: Descriptor, port: Int) {
    guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
        throw SandboxError(
            "\"\(address)\" is not an address to listen on; give an address and a port, as 127.0.0.1:8025")
    }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    guard inet_pton(AF_INET, String(address[..<colon]), &name.sin_addr) == 1 else {
        throw SandboxError("\"\(address[..<colon])\" is not an IPv4 address to listen on")
    }
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SandboxError("no socket: \(String(cString: strerror(errno)))") }
    let descriptor = Descriptor(number)
    var yes: Int32 = 1
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(number, pointer, length) == 0 && listen(number, 512) == 0 && getsockname(number, pointer, &length) == 0
        }
    }
    guard bound else { throw SandboxError("cannot listen on \(address): \(String(cString: strerror(errno)))") }
    return (descriptor, Int(UInt16(bigEndian: name.sin_port)))
}

/// The next waiting connection, non-blocking; nil if none waits.
func acceptedSocket(_ listener: Descriptor) -> Descriptor? {
    let number = accept(listener.number, nil, nil)
    guard number >= 0 else { return nil }
    makeNonBlocking(number)
    var yes: Int32 = 1
    setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    return Descriptor(number)
}

/// Neither blocks nor is left to child processes.
func makeNonBlocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}
