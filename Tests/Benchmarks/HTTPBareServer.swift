import CMicrohttpd
import Glibc
import HTTP
import Synchronization

/// The measure: a program of hand-written callbacks on the same library, driven in the same way, with nothing between.
final class HTTPBareServer: @unchecked Sendable {
    private var daemon: OpaquePointer?
    fileprivate let work: Work
    private let wake = cmhd_eventfd()
    /// Connections as numbers: pointers don't cross threads in Swift.
    private let done = Mutex<[UInt]>([])
    private let body = Array(HTTPServers.answer.utf8)

    /// What lies between a request and its answer.
    enum Work {
        case nothing
        /// Another thread.
        case thread(AnswerThread)
        /// Kafka's acknowledgement of the body.
        case publish(BareProducer)
    }

    /// What every answer of this API has at least.
    static let fewFields = [
        ("Content-Type", "application/json"), ("RateLimit-Policy", #""token";q=300;w=60"#),
        ("RateLimit", #""token";r=212;t=3"#),
    ]
    private let fields: [(String, String)]

    private init(_ work: Work, fields: [(String, String)]) {
        self.work = work
        self.fields = fields
    }

    static func run(_ work: Work, fields: [(String, String)] = fewFields) {
        let server = HTTPBareServer(work, fields: fields)
        if case .publish(let producer) = work { producer.start { server.resume($0) } }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, size)
                listen(listener, 4096)
                getsockname(listener, pointer, &size)
            }
        }
        var settings = cmhd_settings()
        settings.listener = listener
        settings.connections_maximum = 4096
        settings.memory_per_connection = 16 * 1024
        settings.context = Unmanaged.passUnretained(server).toOpaque()
        settings.on_request = onBareRequest
        settings.on_completed = onBareCompleted
        settings.on_connection = onBareConnection
        settings.unescape = keepBareEscaped
        server.daemon = cmhd_start(&settings)
        var thread = pthread_t()
        pthread_create(&thread, nil, runBareServer, Unmanaged.passRetained(server).toOpaque())
        HTTPServers.serveUntilInputEnds(port: Int(UInt16(bigEndian: address.sin_port)))
    }

    /// From another thread.
    fileprivate func resume(_ connections: [UInt]) {
        let isFirst = done.withLock { done in
            done += connections
            return done.count == connections.count
        }
        guard isFirst else { return }
        var one: UInt64 = 1
        write(wake, &one, 8)
    }

    fileprivate func loop() {
        guard let daemon else { return }
        var watched = [
            pollfd(fd: cmhd_epoll_descriptor(daemon), events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        var count: UInt64 = 0
        while true {
            var timeout: cmhd_milliseconds = 0
            let wait = MHD_get_timeout(daemon, &timeout) == cmhd_yes ? Int32(clamping: timeout) : -1
            poll(&watched, 2, wait)
            if watched[1].revents != 0 { read(wake, &count, 8) }
            let batch = done.withLock { done in
                defer { done = [] }
                return done
            }
            for connection in batch { MHD_resume_connection(OpaquePointer(bitPattern: connection)) }
            MHD_run(daemon)
        }
    }

    fileprivate func answer(_ connection: OpaquePointer) -> MHD_Result {
        let response = body.withUnsafeBytes { cmhd_response($0.baseAddress, $0.count) }
        for (name, value) in fields { MHD_add_response_header(response, name, value) }
        let result = MHD_queue_response(connection, 201, response)
        MHD_destroy_response(response)
        return result
    }
}

private final class BareRequest {
    var body: [UInt8] = []
    var isHandedOver = false
    init() { body.reserveCapacity(1024) }
}

private func runBareServer(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<HTTPBareServer>.fromOpaque(context!).takeRetainedValue().loop()
    return nil
}

private func onBareRequest(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ bytes: UnsafePointer<CChar>?,
    _ count: UnsafeMutablePointer<Int>?, _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let handle, let own, let count else { return cmhd_no }
    guard let pointer = own.pointee else {
        own.pointee = Unmanaged.passRetained(BareRequest()).toOpaque()
        return cmhd_yes
    }
    let request = Unmanaged<BareRequest>.fromOpaque(pointer).takeUnretainedValue()
    if count.pointee > 0 {
        request.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count.pointee))
        count.pointee = 0
        return cmhd_yes
    }
    let server = Unmanaged<HTTPBareServer>.fromOpaque(context).takeUnretainedValue()
    guard cmhd_header(handle, "Authorization") != nil else { return cmhd_no }
    if request.isHandedOver { return server.answer(handle) }
    request.isHandedOver = true
    let connection = UInt(bitPattern: handle)
    switch server.work {
    case .nothing: return server.answer(handle)
    case .thread(let thread):
        MHD_suspend_connection(handle)
        thread.hand { server.resume([connection]) }
    case .publish(let producer):
        MHD_suspend_connection(handle)
        producer.publish(request.body, for: connection)
    }
    return cmhd_yes
}

private func onBareCompleted(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
    _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_RequestTerminationCode
) {
    guard let pointer = own?.pointee else { return }
    Unmanaged<BareRequest>.fromOpaque(pointer).release()
    own?.pointee = nil
}

private func onBareConnection(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
    _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_ConnectionNotificationCode
) {}

private func keepBareEscaped(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?
) -> Int { text.map { strlen($0) } ?? 0 }
