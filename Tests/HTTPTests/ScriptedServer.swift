import Glibc
import Support
import Synchronization

/// A server of a few lines that misbehaves as its script says; one thread a connection.
final class ScriptedServer: Sendable {
    let port: Int
    private let listener: Int32
    private let state = Mutex((connections: 0, requests: [String]()))

    /// The script gets each connection and its number, from 0.
    init(_ script: @escaping @Sendable (ScriptedConnection, Int) -> Void) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        port = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size)
                listen(descriptor, 64)
                getsockname(descriptor, pointer, &size)
            }
            return Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
        Task {
            await onThread { [self] in
                while case let accepted = accept(descriptor, nil, nil), accepted >= 0 {
                    let number = state.withLock { state in
                        defer { state.connections += 1 }
                        return state.connections
                    }
                    Task { await onThread { script(ScriptedConnection(accepted, self), number) } }
                }
                // Here and not in `close()`: else this thread could accept on a number that is another server's by then.
                Glibc.close(descriptor)
            }
        }
    }

    /// Ends the thread that accepts.
    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    var url: String { "http://127.0.0.1:\(port)/" }
    var connections: Int { state.withLock { $0.connections } }
    /// The heads of the requests that came whole.
    var requests: [String] { state.withLock { $0.requests } }
    func note(_ request: String) { state.withLock { $0.requests.append(request) } }
}

final class ScriptedConnection: Sendable {
    private let descriptor: Int32
    private let server: ScriptedServer

    init(_ descriptor: Int32, _ server: ScriptedServer) {
        (self.descriptor, self.server) = (descriptor, server)
    }

    deinit { close(descriptor) }

    /// One request with its body; nil once the client is gone.
    @discardableResult
    func readRequest() -> String? {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let end = text.range(of: "\r\n\r\n") {
                let head = text.utf8.distance(from: text.startIndex, to: end) + 4
                if text.utf8.count >= head + (Received(text: text, end: .enough).contentLength ?? 0) { break }
            }
            let count = unlessInterrupted { recv(descriptor, &buffer, buffer.count, 0) }
            guard count > 0 else { return nil }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        server.note(text)
        return text
    }

    /// False: the client is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Returns when the client closes.
    func waitForEnd() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while unlessInterrupted({ recv(descriptor, &buffer, buffer.count, 0) }) > 0 {}
    }
}
