// For the system's epoll, which Swift's Glibc leaves out.
import CMicrohttpd
import Glibc

/// A closed loop of HTTP requests: so many kept connections, each with one request under way, on one thread.
///
/// For servers on this machine, to be run in a process of its own: `benchmarks load`. Answers must have a
/// Content-Length.
struct LoadGenerator {
    var port: Int
    var connections = 64
    /// Not counted.
    var warmUp = Duration.seconds(1)
    var duration = Duration.seconds(5)
    /// Writes request number `n` into a buffer that is empty.
    var write: @Sendable (_ n: Int, _ buffer: inout [UInt8]) -> Void

    private static let eventsMaximum = 256
    private static let latenciesMaximum = 20_000_000

    func run() -> LoadReport {
        let epoll = epoll_create1(0)
        defer { close(epoll) }
        var report = LoadReport(connections: connections)
        report.latencies.reserveCapacity(1_000_000)
        var number = 0
        var open: [LoadConnection] = []
        for index in 0..<connections {
            var connection = LoadConnection(port: port)
            connection.watch(epoll, index)
            send(&connection, &number)
            open.append(connection)
        }
        let started = ContinuousClock.now
        let counted = started + warmUp
        let ends = counted + duration
        var events = [epoll_event](repeating: epoll_event(), count: Self.eventsMaximum)
        var now = started
        while now < ends {
            let count = epoll_wait(epoll, &events, Int32(events.count), 100)
            now = .now
            for event in events.prefix(Int(max(0, count))) {
                let index = Int(event.data.u32)
                guard let status = open[index].receive() else { continue }
                if now >= counted { note(status, open[index].sentAt, &report) }
                if status == LoadConnection.broken { open[index].reconnect(port, epoll, index) }
                send(&open[index], &number)
            }
        }
        for connection in open { connection.end() }
        report.seconds = (now - counted) / .seconds(1)
        report.latencies.sort()
        return report
    }

    private func send(_ connection: inout LoadConnection, _ number: inout Int) {
        connection.send(number, write)
        number += 1
    }

    private func note(_ status: Int, _ sentAt: ContinuousClock.Instant, _ report: inout LoadReport) {
        guard status != LoadConnection.broken else {
            report.broken += 1
            return
        }
        report.statuses[status, default: 0] += 1
        guard report.latencies.count < Self.latenciesMaximum else { return }
        report.latencies.append(UInt32(clamping: Int((ContinuousClock.now - sentAt) / .microseconds(1))))
    }
}
