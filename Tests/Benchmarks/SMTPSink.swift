import Glibc
import Synchronization

/// The least that is an SMTP server: takes whatever comes over loopback, counts it, keeps nothing. A thread for each
/// connection.
final class SMTPSink: Sendable {
    let port: Int
    private let counted = Atomic<Int>(0)

    var count: Int { counted.load(ordering: .relaxed) }

    init() {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(listener, $0, length) == 0 && listen(listener, 64) == 0, "no port for the sink")
                getsockname(listener, $0, &length)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        Self.thread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Self.thread { [self] in serve(connection) }
            }
        }
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body)).toOpaque()
        pthread_create(
            &thread, nil,
            {
                Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().body()
                return nil
            }, box)
        pthread_detach(thread)
    }

    private func serve(_ connection: Int32) {
        var one: Int32 = 1
        setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var line: [UInt8] = []
        var isInData = false
        var answer = Array("220 sink\r\n".utf8)
        while true {
            if !answer.isEmpty {
                _ = answer.withUnsafeBytes {
                    Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
            }
            answer.removeAll(keepingCapacity: true)
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            for byte in chunk[..<count] {
                line.append(byte)
                guard byte == 10 else { continue }
                if isInData {
                    if line.count == 3, line[0] == UInt8(ascii: ".") {
                        isInData = false
                        counted.add(1, ordering: .relaxed)
                        answer += "250 2.0.0 queued\r\n".utf8
                    }
                } else {
                    switch line.first {
                    case UInt8(ascii: "E"): answer += "250-sink\r\n250 PIPELINING\r\n".utf8
                    case UInt8(ascii: "D"):
                        isInData = true
                        answer += "354 go\r\n".utf8
                    case UInt8(ascii: "Q"): answer += "221 bye\r\n".utf8
                    default: answer += "250 ok\r\n".utf8
                    }
                }
                line.removeAll(keepingCapacity: true)
            }
        }
        close(connection)
    }
}
