// For the system's epoll, which Swift's Glibc leaves out.
import CMicrohttpd
import Foundation
import Synchronization

/// As much of a Redis client as the comparison needs: commands out, integers and texts back.
///
/// Either one connection for all, on which whatever is asked for while others' answers are read goes out in one write
/// (pipelined), or one for each caller, with one command under way on each.
final class RedisClient: Sendable {
    enum Reply: Sendable, Equatable {
        case integer(Int)
        case text(String)
        case error(String)
    }

    private typealias Waiter = UnsafeContinuation<Reply, Never>

    private struct Connection {
        var descriptor: Int32
        var unsent: [UInt8] = []
        var unread: [UInt8] = []
        /// In the order of their commands: answers come in that order.
        var waiting: [Waiter] = []
        var firstWaiting = 0
    }

    private struct State {
        var connections: [Connection]
        var isAwake = false
        var isClosed = false
    }

    private let isPipelined: Bool
    private let epoll = epoll_create1(0)
    private let wakeUp = eventfd(0, Int32(EFD_NONBLOCK))
    private let state: Mutex<State>

    /// - Parameter connections: 1: pipelined.
    init(port: Int, connections: Int) {
        isPipelined = connections == 1
        let descriptors = (0..<connections).map { _ in Self.connect(port) }
        state = Mutex(State(connections: descriptors.map { Connection(descriptor: $0) }))
        for (index, descriptor) in (descriptors + [wakeUp]).enumerated() {
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.u32 = UInt32(index)
            epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
        }
        Thread.detachNewThread { self.loop() }
    }

    private static func connect(_ port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(result == 0, "no connection to port \(port): \(String(cString: strerror(errno)))")
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    /// A command as it goes over the wire.
    static func command(_ words: [String]) -> [UInt8] {
        Array(words.reduce("*\(words.count)\r\n") { $0 + "$\($1.utf8.count)\r\n\($1)\r\n" }.utf8)
    }

    func call(_ words: String...) async -> Reply { await call(Self.command(words), on: 0) }

    /// - Parameter connection: whose command it is; all the same where there is one connection.
    func call(_ command: [UInt8], on connection: Int) async -> Reply {
        await withUnsafeContinuation { continuation in
            let index = isPipelined ? 0 : connection
            let mustWake = state.withLock { state in
                state.connections[index].waiting.append(continuation)
                guard isPipelined else {
                    Self.write(command, to: state.connections[index].descriptor)
                    return false
                }
                state.connections[index].unsent += command
                defer { state.isAwake = true }
                return !state.isAwake
            }
            if mustWake { eventfd_write(wakeUp, 1) }
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        eventfd_write(wakeUp, 1)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            precondition(count > 0, "the connection to Redis ended")
            sent += count
        }
    }

    // MARK: The reading thread

    private func loop() {
        var events = [epoll_event](repeating: epoll_event(), count: 128)
        while true {
            let count = epoll_wait(epoll, &events, Int32(events.count), -1)
            var ready: [Int] = []
            for event in events.prefix(Int(max(0, count))) { ready.append(Int(event.data.u32)) }
            let (answers, isClosed) = state.withLock { state in
                var answers: [(Waiter, Reply)] = []
                for index in ready where index < state.connections.count { read(&state.connections[index], &answers) }
                return (answers, state.isClosed)
            }
            var number: eventfd_t = 0
            eventfd_read(wakeUp, &number)
            for (waiter, reply) in answers { waiter.resume(returning: reply) }
            if isPipelined { flush() }
            if isClosed { return end() }
        }
    }

    /// What was asked for meanwhile goes out in one write; then this thread may sleep.
    private func flush() {
        let (bytes, descriptor) = state.withLock { state in
            defer { state.connections[0].unsent.removeAll(keepingCapacity: true) }
            state.isAwake = false
            return (state.connections[0].unsent, state.connections[0].descriptor)
        }
        if !bytes.isEmpty { Self.write(bytes, to: descriptor) }
    }

    private func read(_ connection: inout Connection, _ answers: inout [(Waiter, Reply)]) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(connection.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { return }
        connection.unread += buffer[..<count]
        var at = 0
        while let (reply, end) = Self.reply(in: connection.unread, from: at) {
            answers.append((connection.waiting[connection.firstWaiting], reply))
            connection.firstWaiting += 1
            at = end
        }
        connection.unread.removeFirst(at)
        if connection.firstWaiting > 1_000 || connection.firstWaiting == connection.waiting.count {
            connection.waiting.removeFirst(connection.firstWaiting)
            connection.firstWaiting = 0
        }
    }

    /// `:1`, `+OK`, `-ERR …`, `$5` and five bytes; nil: more must come.
    private static func reply(in bytes: [UInt8], from start: Int) -> (Reply, end: Int)? {
        guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
        let line = String(decoding: bytes[(start + 1)..<(end - 1)], as: UTF8.self)
        switch bytes[start] {
        case UInt8(ascii: ":"): return (.integer(Int(line) ?? 0), end + 1)
        case UInt8(ascii: "-"): return (.error(line), end + 1)
        case UInt8(ascii: "$"):
            let length = max(0, Int(line) ?? 0)
            guard bytes.count >= end + 3 + length else { return nil }
            return (.text(String(decoding: bytes[(end + 1)..<(end + 1 + length)], as: UTF8.self)), end + 3 + length)
        default: return (.text(line), end + 1)
        }
    }

    private func end() {
        for connection in state.withLock({ $0.connections }) { Glibc.close(connection.descriptor) }
        Glibc.close(epoll)
        Glibc.close(wakeUp)
    }
}
