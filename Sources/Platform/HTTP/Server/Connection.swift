import CMicrohttpd
import Glibc

/// One client's connection. Touched on the loop thread alone.
final class Connection {
    /// The library's own; valid as long as this object is in the loop's table.
    let handle: OpaquePointer
    /// The client's address, without its port.
    let peer: String
    private unowned let loop: ServerLoop
    private let descriptor: Int32
    /// When something must have happened; what, the exchange knows, and without one: the next request's whole head.
    var deadline: ContinuousClock.Instant?
    /// The request that is on its way.
    var exchange: Exchange?
    /// Where it stands in the loop's table.
    var position = 0

    init(_ handle: OpaquePointer, loop: ServerLoop) {
        self.handle = handle
        self.loop = loop
        descriptor = cmhd_descriptor(handle)
        peer = cmhd_peer(handle).map(SocketAddress.text) ?? ""
    }

    func setDeadline(_ instant: ContinuousClock.Instant) {
        deadline = instant
        loop.sweep(notLaterThan: instant)
    }

    func deadlinePassed() {
        guard let exchange else { return shutDown(SHUT_RDWR) }
        exchange.deadlinePassed()
    }

    /// Ends one or both directions; the library then finds the connection closed, and cleans up.
    func shutDown(_ how: Int) { shutdown(descriptor, Int32(how)) }

    /// Writes what fits into the socket's buffer. What does not is lost: the connection ends anyway.
    func write(_ bytes: [UInt8]) {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
    }
}
