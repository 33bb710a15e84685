// For the system's epoll, which Swift's Glibc leaves out.
import CMicrohttpd
import Glibc

/// One kept connection of the load generator.
struct LoadConnection {
    /// In place of a status: the connection ended, or what came is no answer.
    static let broken = -1

    private var descriptor: Int32
    private(set) var sentAt = ContinuousClock.now
    private var request: [UInt8] = []
    private var answer: [UInt8]
    private var answerCount = 0

    init(port: Int) {
        descriptor = Self.connect(port)
        answer = [UInt8](repeating: 0, count: 16 * 1024)
    }

    private static func connect(_ port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
        }
        precondition(result == 0, "no connection to port \(port): \(String(cString: strerror(errno)))")
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    mutating func watch(_ epoll: Int32, _ index: Int) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u32 = UInt32(index)
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    }

    mutating func reconnect(_ port: Int, _ epoll: Int32, _ index: Int) {
        close(descriptor)
        descriptor = Self.connect(port)
        watch(epoll, index)
    }

    func end() { close(descriptor) }

    /// Requests are small: they fit the socket's buffer, so this does not wait.
    mutating func send(_ number: Int, _ write: (Int, inout [UInt8]) -> Void) {
        request.removeAll(keepingCapacity: true)
        write(number, &request)
        answerCount = 0
        sentAt = .now
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, request.count - sent, Int32(MSG_NOSIGNAL))
            }
            // The end shows when the answer is read.
            guard count > 0 else { return }
            sent += count
        }
    }

    /// The status, once the answer has come whole; nil: more must come.
    mutating func receive() -> Int? {
        if answerCount == answer.count { answer += [UInt8](repeating: 0, count: answer.count) }
        let have = answerCount
        let count = answer.withUnsafeMutableBytes {
            recv(descriptor, $0.baseAddress! + have, $0.count - have, Int32(MSG_DONTWAIT))
        }
        if count < 0, errno == EAGAIN { return nil }
        guard count > 0 else { return Self.broken }
        answerCount += count
        return answer.withUnsafeBufferPointer { Self.status(UnsafeBufferPointer(rebasing: $0[..<answerCount])) }
    }

    /// `HTTP/1.1 201 …`, fields, an empty line, as many bytes as Content-Length says.
    private static func status(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var length = 0
        var line = 0
        for at in 0..<bytes.count where bytes[at] == 0x0A {
            let isEmpty = at - line <= 1
            if isEmpty, line > 0 { return bytes.count >= at + 1 + length ? number(bytes, from: 9) : nil }
            // "Content-Length:", by its length and two letters: servers under test are ours.
            if at - line > 16, bytes[line + 14] == UInt8(ascii: ":"), bytes[line] | 0x20 == UInt8(ascii: "c"),
                bytes[line + 8] | 0x20 == UInt8(ascii: "l")
            {
                length = number(bytes, from: line + 15)
            }
            line = at + 1
        }
        return nil
    }

    private static func number(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var value = 0
        var at = start
        while at < bytes.count, bytes[at] == 0x20 { at += 1 }
        while at < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[at] {
            value = value * 10 + Int(bytes[at] - UInt8(ascii: "0"))
            at += 1
        }
        return value
    }
}
