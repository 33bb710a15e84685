import CMicrohttpd
import Glibc

/// Ending: no new connections, what is in flight is answered, and at the deadline the rest is closed.
extension ServerLoop {
    /// From another thread: returns once it has ended.
    func stop(by deadline: LoopTime) async {
        await withCheckedContinuation { continuation in
            let isTaken = inbox.append(StopOrder(deadline: deadline) { continuation.resume() })
            if !isTaken { continuation.resume() }
        }
    }

    func beginStopping(_ order: StopOrder) {
        stopOrder = order
        guard let daemon else { return }
        acceptWaiting(daemon)
        let listener = MHD_quiesce_daemon(daemon)
        if listener >= 0 { close(listener) }
    }

    /// Takes the connections that clients believe open already: closing the socket would reset them.
    private func acceptWaiting(_ daemon: OpaquePointer) {
        let listener = cmhd_listener(daemon)
        for _ in 0..<64 {
            var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 0) == 1 else { return }
            MHD_run(daemon)
        }
    }

    func continueStopping() {
        guard let daemon, let order = stopOrder else { return }
        if exchangesUnderWay > 0 {
            guard order.deadline <= LoopClock.now else { return }
            for connection in connections { connection.exchange?.abandon() }
            // Resumed connections are closed by the library's next turn; two more are two more than it needs.
            for _ in 0..<3 { MHD_run(daemon) }
        }
        self.daemon = nil
        MHD_stop_daemon(daemon)
        order.ended()
    }
}
