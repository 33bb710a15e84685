import Glibc
import Primitives
import Synchronization

/// A TCP server with one thread that polls: enough for a sandbox, and able to misbehave on purpose, unlike a good HTTP
/// or mail server.
final class SocketServer: Sendable {
    /// Further connections are closed at once.
    static let connectionsMaximum = 512

    let port: Int
    /// Writing to its second end wakes the thread, which polls the first.
    private let wakeUp: (read: Descriptor, write: Descriptor)
    private let stopping = Atomic(false)
    private let ended = Once<Void>()

    /// - Parameters:
    ///   - listen: an IPv4 address and a port, 0 for any free one.
    ///   - make: the conversation of a new connection.
    init(listen: String, make: @escaping @Sendable () -> any Conversation) throws(SandboxError) {
        let (listener, port) = try listeningSocket(listen)
        self.port = port
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SandboxError("no pipe: \(String(cString: strerror(errno)))") }
        ends.forEach(makeNonBlocking)
        wakeUp = (Descriptor(ends[0]), Descriptor(ends[1]))
        startThread("sandbox") { [self] in
            Start(server: self, listener: listener, make: make).run()
            // After that the port is free, for those who wait for the end.
            listener.close()
            ended.open()
        }
    }

    /// Closes every connection and the port.
    func stop() async {
        stopping.store(true, ordering: .releasing)
        var byte: UInt8 = 0
        write(wakeUp.write.number, &byte, 1)
        await ended.wait()
    }

    fileprivate var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// What the thread begins with.
    fileprivate final class Start {
        let server: SocketServer
        let listener: Descriptor
        let make: @Sendable () -> any Conversation
        init(server: SocketServer, listener: Descriptor, make: @escaping @Sendable () -> any Conversation) {
            self.server = server
            self.listener = listener
            self.make = make
        }

        func run() {
            var connections: [Connection] = []
            while !server.isStopping {
                let now = ContinuousClock.now
                var entries = [
                    pollfd(fd: server.wakeUp.read.number, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0),
                ]
                entries += connections.map { pollfd(fd: $0.socket.number, events: $0.interest, revents: 0) }
                let pause = connections.compactMap { $0.milliseconds(from: now) }.min() ?? -1
                guard poll(&entries, nfds_t(entries.count), pause) >= 0 || errno == EINTR else { break }
                for (connection, entry) in zip(connections, entries[2...]) { connection.proceed(entry.revents) }
                connections.removeAll { $0.isOver }
                if entries[1].revents != 0 { accept(into: &connections) }
            }
        }

        private func accept(into connections: inout [Connection]) {
            while let socket = acceptedSocket(listener) {
                guard connections.count < SocketServer.connectionsMaximum else { continue }
                connections.append(Connection(socket: socket, conversation: make()))
            }
        }
    }
}
