import Glibc
import Synchronization

/// Writes whole lines to a file descriptor without blocking for long: a reader that has stopped does not stop the
/// program.
final class StandardError: Sendable {
    static let shared = StandardError(descriptor: 2, patienceMilliseconds: 20)

    private let descriptor: Int32
    /// How long one line waits for room, once; while lines are being dropped nobody waits.
    private let patienceMilliseconds: Int32
    private let dropped = Mutex(0)

    init(descriptor: Int32, patienceMilliseconds: Int32) {
        self.descriptor = descriptor
        self.patienceMilliseconds = patienceMilliseconds
    }

    func write(_ line: String) {
        dropped.withLock { dropped in
            guard hasRoom(within: dropped == 0 ? patienceMilliseconds : 0) else {
                dropped += 1
                return
            }
            if dropped > 0 {
                put(
                    "{\"level\":\"warning\",\"message\":\"log lines dropped: nobody read them\",\"dropped\":\(dropped)}"
                )
                dropped = 0
                guard hasRoom(within: 0) else {
                    dropped = 1
                    return
                }
            }
            put(line)
        }
    }

    /// A pipe is writable by poll when PIPE_BUF bytes have room, so that a line then does not block.
    private func hasRoom(within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, milliseconds) > 0 && entry.revents & Int16(POLLOUT) != 0
    }

    private func put(_ line: String) {
        var line = line
        line += "\n"
        line.withUTF8 { bytes in
            // A short write can happen on a full disk only; the rest of that line is given up.
            _ = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
    }
}
