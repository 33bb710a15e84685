import CCurl

/// What all transfers of a client have in common.
struct TransferSettings: Sendable {
    /// Certificates to trust instead of the system's.
    var caFile: String?
    var addressGuard: (@Sendable (IPAddress) -> Bool)?
}

/// One request and its answer. Between ``begin(_:)`` and ``finish(_:)`` touched on the driving thread alone.
final class Transfer: @unchecked Sendable {
    let request: ClientRequest
    let deadline: ContinuousClock.Instant
    private var continuation: CheckedContinuation<Result<Response, ClientError>, Never>?
    private(set) var answer = Response(status: 0)
    private var bodyOffset = 0
    private var headerBytes = 0
    /// The answer was larger than the request allows.
    private(set) var isTooLarge = false
    /// The guard refused an address.
    var isRefused = false
    var addressGuard: (@Sendable (IPAddress) -> Bool)?
    /// The library's list of header fields, which must live as long as the transfer.
    var fieldList: UnsafeMutablePointer<curl_slist>?

    private static let headerBytesMaximum = 64 * 1024

    init(_ request: ClientRequest) {
        self.request = request
        deadline = .now + request.timeout
    }

    deinit { curl_slist_free_all(fieldList) }

    func begin(_ continuation: CheckedContinuation<Result<Response, ClientError>, Never>) {
        self.continuation = continuation
    }

    func finish(_ result: Result<Response, ClientError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }

    // MARK: What the library asks and tells

    /// The next bytes of the body.
    func readBody(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, request.body.count - bodyOffset)
        guard count > 0 else { return 0 }
        request.body.withUnsafeBytes { body in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: body[bodyOffset..<bodyOffset + count]))
        }
        bodyOffset += count
        return count
    }

    /// Bytes of the answer, decoded. False: they are too many.
    func bodyCame(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard answer.body.count + bytes.count <= request.answerBytesMaximum else {
            isTooLarge = true
            return false
        }
        answer.body.append(contentsOf: bytes)
        return true
    }

    /// One line of the answer's head. False: the head is too large.
    func lineCame(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerBytesMaximum else {
            isTooLarge = true
            return false
        }
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // An answer may follow others (100, 103): the last one counts.
            answer.fields = [:]
        } else if let colon = line.firstIndex(of: ":") {
            answer.fields.add(String(line[..<colon]), Self.trimmed(line[line.index(after: colon)...]))
        }
        return true
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
