import Glibc
import Synchronization

/// A TCP server of one thread that polls: enough for a sandbox, and able to misbehave on purpose, which a good HTTP or
/// mail server is not.
final class SocketServer: Sendable {
    /// Further connections are closed at once.
    static let connectionsMaximum = 512

    let port: Int
    /// Writing to its second end wakes the thread, which polls the first.
    private let wakeUp: (read: Descriptor, write: Descriptor)
    private struct State {
        var isStopping = false
        var hasEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

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
        let start = Start(server: self, listener: listener, make: make)
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let status = pthread_create(&thread, &attributes, serve, Unmanaged.passRetained(start).toOpaque())
        pthread_attr_destroy(&attributes)
        guard status == 0 else { throw SandboxError("no thread: \(String(cString: strerror(status)))") }
    }

    /// Closes every connection and the port.
    func stop() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                state.isStopping = true
                if !state.hasEnded { state.waiting.append(continuation) }
                return state.hasEnded
            }
            var byte: UInt8 = 0
            write(wakeUp.write.number, &byte, 1)
            if hasEnded { continuation.resume() }
        }
    }

    fileprivate var isStopping: Bool { state.withLock { $0.isStopping } }

    fileprivate func ended() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

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

private func serve(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let server: SocketServer
    do {
        let start = Unmanaged<SocketServer.Start>.fromOpaque(context!).takeRetainedValue()
        server = start.server
        start.run()
    }
    // The port was closed with what the thread began with: whoever waits for the end may rely on that.
    server.ended()
    return nil
}
