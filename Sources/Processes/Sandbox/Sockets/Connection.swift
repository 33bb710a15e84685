import Glibc
import TLS

/// A connection of the socket server: its conversation, and its remaining steps.
final class Connection {
    /// While more than this waits to be sent, nothing is read.
    private static let outputMaximum = 1 << 20

    let socket: Descriptor
    private var conversation: any Conversation
    private var steps: ArraySlice<Step>
    private var output: ArraySlice<UInt8> = []
    /// nil: not encrypted.
    private var tls: TLSServerSession?
    private var waitingUntil: ContinuousClock.Instant?
    private(set) var isOver = false

    init(socket: Descriptor, conversation: any Conversation) {
        self.socket = socket
        self.conversation = conversation
        steps = []
        steps = self.conversation.opened()[...]
        advance()
    }

    /// What poll should watch for.
    var interest: Int16 {
        var interest: Int32 = 0
        if output.count < Self.outputMaximum, steps.count < 1_000 { interest |= POLLIN }
        if !output.isEmpty { interest |= POLLOUT }
        return Int16(interest)
    }

    /// How long until a wait ends; nil if nothing waits.
    func milliseconds(from now: ContinuousClock.Instant) -> Int32? {
        guard let waitingUntil else { return nil }
        let left = now.duration(to: waitingUntil)
        return Int32(
            clamping: max(0, left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1))
    }

    /// Reads, writes and does steps, as far as possible without blocking.
    func proceed(_ events: Int16) {
        if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 { read() }
        advance()
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(socket.number, &buffer, buffer.count, 0)
        if count > 0 {
            received(buffer[..<count])
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            isOver = true
        }
    }

    private func received(_ bytes: ArraySlice<UInt8>) {
        // What was sent before TLS must not be read as if it had come within it (RFC 3207 §6).
        if case .startTLS = steps.last { return isOver = true }
        guard let tls else { return steps += conversation.received(bytes) }
        do {
            let plain = try tls.opened(bytes)
            output += tls.output()
            if !plain.isEmpty { steps += conversation.received(plain[...]) }
            if tls.isOver { isOver = true }
        } catch {
            output += tls.output()
            flush()
            isOver = true
        }
    }

    /// Appends bytes to those that wait to be sent, encrypted if TLS is used.
    private func say(_ bytes: [UInt8]) {
        guard let tls else { return output += bytes }
        do { try tls.seal(bytes) } catch { isOver = true }
        output += tls.output()
    }

    private func advance() {
        if let until = waitingUntil {
            guard ContinuousClock.now >= until else { return flush() }
            waitingUntil = nil
        }
        while !isOver {
            flush()
            guard output.count < Self.outputMaximum, let step = steps.first else { return }
            switch step {
            case .send(let bytes):
                say(bytes)
                steps.removeFirst()
            case .sendRepeatedly(let bytes, let times):
                say(bytes)
                steps[steps.startIndex] = .sendRepeatedly(bytes, times: times - 1)
                if times <= 1 { steps.removeFirst() }
            case .wait(let milliseconds):
                waitingUntil = .now + .milliseconds(milliseconds)
                steps.removeFirst()
                return
            case .hang: return
            case .startTLS(let identity):
                guard output.isEmpty else { return }
                tls = TLSServerSession(identity)
                steps.removeFirst()
            case .close:
                guard output.isEmpty else { return }
                tls?.close()
                output += tls?.output() ?? []
                flush()
                isOver = true
            }
        }
    }

    private func flush() {
        while !output.isEmpty, !isOver {
            let sent = output.withUnsafeBytes {
                send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent > 0 {
                output.removeFirst(sent)
            } else if sent < 0, errno == EAGAIN {
                return
            } else if errno != EINTR {
                isOver = true
            }
        }
        if output.isEmpty { output = [] }
    }
}
