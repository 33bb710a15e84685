import CCurl
import Glibc
import Primitives

/// The client's thread: drives the library's multi handle. Everything except ``submit(_:)``, ``cancel(_:)`` and
/// ``close()`` runs on it alone.
final class ClientDriver: @unchecked Sendable {
    private let settings: TransferSettings
    private let transfersMaximum: Int
    private let inbox: ClientInbox
    private let multi: UnsafeMutableRawPointer
    /// Handles that wait for their next transfer; as many as ever were under way.
    private var idleHandles: [UnsafeMutableRawPointer] = []
    private var underWay: [ObjectIdentifier: (transfer: Transfer, handle: UnsafeMutableRawPointer)] = [:]
    private var waiting: [Transfer] = []

    private static let hasInitialized: Bool = ccurl_global_init() == CURLE_OK
    /// The longest sleep: the library's own timers wake it earlier if need be.
    private static let pollMaximum = Duration.seconds(60)

    init(_ settings: TransferSettings, transfersMaximum: Int) {
        self.settings = settings
        self.transfersMaximum = max(1, transfersMaximum)
        precondition(Self.hasInitialized, "libcurl cannot be initialised")
        guard let multi = curl_multi_init() else { preconditionFailure("no memory for libcurl") }
        self.multi = multi
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, self.transfersMaximum)
        inbox = ClientInbox(multi)
    }

    // MARK: From any thread

    func submit(_ transfer: Transfer) {
        let isTaken = inbox.change { $0.submitted.append(transfer) }
        if !isTaken { transfer.finish(.failure(transfer.ended("the client is closed", nil))) }
    }

    func cancel(_ transfer: Transfer) { _ = inbox.change { $0.cancelled.append(transfer) } }

    func close() { _ = inbox.change { $0.isClosing = true } }

    func start() { startThread("http-client") { [self] in run() } }

    // MARK: On the driving thread

    func run() {
        while true {
            let came = inbox.take()
            waiting += came.submitted
            for transfer in came.cancelled { end(transfer, "the request was cancelled") }
            if came.isClosing { break }
            endOverdue()
            startWaiting()
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            finishDone()
            if canStart { continue }
            curl_multi_poll(multi, nil, 0, pollMilliseconds, nil)
        }
        shutDown()
    }

    private var canStart: Bool { !waiting.isEmpty && underWay.count < transfersMaximum }

    private func startWaiting() {
        while canStart {
            let transfer = waiting.removeFirst()
            guard let handle = idleHandles.popLast() ?? curl_easy_init() else {
                transfer.finish(.failure(transfer.ended("no memory for the request", code: .other, nil)))
                continue
            }
            transfer.setUp(handle, settings, remaining: transfer.deadline - .now)
            underWay[ObjectIdentifier(transfer)] = (transfer, handle)
            curl_multi_add_handle(multi, handle)
        }
    }

    private func finishDone() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            let code = ccurl_msg_result(message)
            var context: UnsafeMutableRawPointer?
            ccurl_get_ptr(handle, CURLINFO_PRIVATE, &context)
            guard let context else { continue }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            let result = transfer.result(code, handle)
            giveBack(handle, of: transfer)
            transfer.finish(result)
        }
    }

    /// Takes the transfer off the library before anything of it is released.
    private func giveBack(_ handle: UnsafeMutableRawPointer, of transfer: Transfer) {
        curl_multi_remove_handle(multi, handle)
        curl_easy_reset(handle)
        underWay[ObjectIdentifier(transfer)] = nil
        idleHandles.append(handle)
    }

    private func end(_ transfer: Transfer, _ why: String) {
        if let (_, handle) = underWay[ObjectIdentifier(transfer)] {
            let error = transfer.ended(why, handle)
            giveBack(handle, of: transfer)
            transfer.finish(.failure(error))
        } else if let index = waiting.firstIndex(where: { $0 === transfer }) {
            waiting.remove(at: index)
            transfer.finish(.failure(transfer.ended(why, nil)))
        }
    }

    /// Requests that timed out while waiting for their turn.
    private func endOverdue() {
        let now = ContinuousClock.now
        for transfer in waiting where transfer.deadline <= now {
            transfer.finish(
                .failure(transfer.ended("timed out while waiting for a free connection", code: .timedOut, nil)))
        }
        waiting.removeAll { $0.deadline <= now }
    }

    private var pollMilliseconds: Int32 {
        let wait = waiting.map(\.deadline).min().map { $0 - .now } ?? Self.pollMaximum
        return Int32(clamping: Int64((min(max(.zero, wait), Self.pollMaximum) / .milliseconds(1)).rounded(.up)))
    }

    private func shutDown() {
        for transfer in underWay.values.map(\.transfer) + waiting { end(transfer, "the client was closed") }
        for handle in idleHandles { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
    }
}
