import CMicrohttpd
import Glibc

/// One client's connection.
///
/// Touched on the loop thread alone, as exchange and loop are; the checks of exclusive access at run time, a tenth of
/// what a request costs, are therefore off.
final class Connection {
    /// The library's own; valid as long as this object is in the loop's table.
    let handle: OpaquePointer
    /// The client's address, without its port.
    let peer: String
    private unowned(unsafe) let loop: ServerLoop
    private let descriptor: Int32
    /// When something must have happened; what, the exchange knows, and without one: the next request's whole head.
    @exclusivity(unchecked) private(set) var deadline: LoopTime = .max
    /// Without a request, when the connection is closed.
    @exclusivity(unchecked) private var idleUntil: LoopTime = 0
    /// What the target of the request that has just come asks for; read when its head has come.
    @exclusivity(unchecked) var query: IncomingQuery?
    /// The request that is on its way.
    @exclusivity(unchecked) var exchange: Exchange?
    /// Where it stands in the loop's table.
    @exclusivity(unchecked) var position = 0

    init(_ handle: OpaquePointer, loop: ServerLoop) {
        self.handle = handle
        self.loop = loop
        descriptor = cmhd_descriptor(handle)
        peer = cmhd_peer(handle).map(SocketAddress.text) ?? ""
    }

    func setDeadline(_ time: LoopTime) {
        deadline = time
        loop.sweep(notLaterThan: time)
    }

    func clearDeadline() { deadline = .max }

    /// How long an idle connection is believed to be open without looking.
    private static let idleBelief: LoopTime = 1_000_000_000

    /// No request is on its way.
    func becomeIdle() {
        exchange = nil
        idleUntil = loop.now + loop.idleTimeout
        setDeadline(min(loop.now + Self.idleBelief, idleUntil))
    }

    func deadlinePassed() {
        clearDeadline()
        if let exchange { return exchange.deadlinePassed() }
        guard idleUntil > loop.now, !isClosedByPeer else { return shutDown(SHUT_RDWR) }
        setDeadline(idleUntil)
    }

    /// Whether the peer has sent all that it will. The library misses that if it came together with the last bytes:
    /// after a short read it waits for an edge that has passed.
    var isClosedByPeer: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
    }

    /// Ends one or both directions; the library then finds the connection closed, and cleans up.
    func shutDown(_ how: Int) { shutdown(descriptor, Int32(how)) }

    /// Writes what fits into the socket's buffer. What does not is lost: the connection ends anyway.
    func write(_ bytes: [UInt8]) {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
    }
}
