import Glibc
import HTTP
import Synchronization

/// A program made of two closures.
struct Program: Application {
    var bodyLimit = 256 * 1024
    /// Nil: the body is read.
    var admission: @Sendable (RequestHead) async -> Response? = { _ in nil }
    var answer: @Sendable (Request) async -> Response = { request in
        Response(status: 200, fields: ["Content-Type": "text/plain"], body: request.body)
    }

    func admit(_ head: RequestHead) async -> Admission<Int> {
        if let early = await admission(head) { return .answer(early) }
        return .read(bodyLimit: bodyLimit, context: 7)
    }

    func respond(to request: Request, context: Int) async -> Response { await answer(request) }

    func refusal(status: Int, reason: String, context: Int?) -> Response {
        Response(
            status: status, fields: ["X-Refused": "1", "X-Admitted": context.map { "\($0)" } ?? "no"],
            body: Array(reason.utf8))
    }
}

/// A server on a free port of this machine.
func serve(_ program: Program = Program(), _ change: (inout ServerSettings) -> Void = { _ in }) throws -> Server {
    var settings = ServerSettings(listen: "127.0.0.1:0")
    change(&settings)
    return try Server(settings, application: program)
}

/// Calls again what a signal interrupted. A process that was stopped and goes on gets that for every call with a timeout.
func unlessInterrupted(_ call: () -> Int) -> Int {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// A client's end of a connection, byte by byte. Every call ends within `timeout`.
final class RawConnection: Sendable {
    let descriptor: Int32
    private static let timeout = timeval(tv_sec: 10, tv_usec: 0)

    init(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var timeout = Self.timeout
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        precondition(result == 0, "no connection to port \(port): \(String(cString: strerror(errno)))")
    }

    deinit { close(descriptor) }

    /// False: the other side is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unlessInterrupted {
                bytes.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Bytes until the other side closes, `isEnough` says so, or nothing comes for the timeout (then nil is at the end).
    func receive(until isEnough: (String) -> Bool = { _ in false }) -> Received {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !isEnough(text) {
            let count = unlessInterrupted { recv(descriptor, &buffer, buffer.count, 0) }
            if count == 0 { return Received(text: text, end: .closed) }
            if count < 0 { return Received(text: text, end: errno == EAGAIN ? .silent : .closed) }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return Received(text: text, end: .enough)
    }

    /// One answer with a Content-Length, or what came instead.
    func receiveAnswer() -> Received {
        receive { text in
            guard let end = text.range(of: "\r\n\r\n") else { return false }
            guard let length = Received(text: text, end: .enough).contentLength else { return true }
            return text.utf8.count >= text.utf8.distance(from: text.startIndex, to: end) + 4 + length
        }
    }
}

struct Received: Sendable {
    enum End: Sendable { case closed, silent, enough }
    var text: String
    var end: End
    var status: Int? {
        guard text.hasPrefix("HTTP/1.") else { return nil }
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    var body: String {
        text.range(of: "\r\n\r\n").map { String(text.utf8[text.utf8.index($0, offsetBy: 4)...]) ?? "" } ?? ""
    }
    var contentLength: Int? {
        for line in text.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
            return Int(line.dropFirst(15).filter { $0 != " " })
        }
        return nil
    }
}

extension String {
    /// Where `other` begins.
    func range(of other: String) -> String.Index? {
        let (text, wanted) = (Array(utf8), Array(other.utf8))
        guard text.count >= wanted.count else { return nil }
        for start in 0...(text.count - wanted.count) where text[start..<start + wanted.count] == wanted[...] {
            return utf8.index(startIndex, offsetBy: start)
        }
        return nil
    }
}

final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}
