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

    // MARK: What the library asks and reports

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
        if bytes.starts(with: "HTTP/".utf8) {
            // An answer may follow others (100, 103): the last one counts.
            answer.fields = [:]
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            addField(bytes[..<colon], bytes[(colon + 1)...])
        }
        return true
    }

    /// Bytes, not characters: a combining mark behind the colon would hide it. An invalid name is left out, and a
    /// control character in a value becomes a space (RFC 9110, 5.5): the library lets a lone carriage return through.
    private func addField(_ name: Slice<UnsafeRawBufferPointer>, _ value: Slice<UnsafeRawBufferPointer>) {
        guard !name.isEmpty, name.allSatisfy(HeadInspection.isTokenByte) else { return }
        let isSpace = { (byte: UInt8) in byte == 0x20 || 0x09...0x0D ~= byte }
        guard let first = value.firstIndex(where: { !isSpace($0) }), let last = value.lastIndex(where: { !isSpace($0) })
        else { return answer.fields.add(String(decoding: name, as: UTF8.self), "") }
        let shown = value[first...last].map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
        answer.fields.add(String(decoding: name, as: UTF8.self), String(decoding: shown, as: UTF8.self))
    }
}
