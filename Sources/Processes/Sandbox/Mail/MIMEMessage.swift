/// A message as its reader sees it (RFC 5322, RFC 2045–2047): headers, text, HTML, names of attachments.
public struct MIMEMessage: Sendable {
    /// Nested parts; deeper ones are ignored.
    private static let depthMaximum = 8
    private static let partsMaximum = 100

    /// In their order, decoded.
    public let headers: [(name: String, value: String)]
    /// The plain text; nil if the message has no such part.
    public private(set) var text: String?
    /// The HTML; nil if the message has no such part.
    public private(set) var html: String?
    /// File names, or media types, of parts that are neither.
    public private(set) var attachments: [String] = []
    private var partsSeen = 0

    /// Reads a message; never fails: what cannot be decoded is shown as it is.
    public init(_ bytes: [UInt8]) {
        let (block, body) = Self.split(bytes[...])
        let headers = MIMEHeaders(block)
        self.headers = headers.all
        read(headers, body, depth: 0)
    }

    /// The value of the first field with this name; nil if the field is missing.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    private mutating func read(_ headers: MIMEHeaders, _ body: ArraySlice<UInt8>, depth: Int) {
        partsSeen += 1
        guard depth <= Self.depthMaximum, partsSeen <= Self.partsMaximum else { return }
        let type = headers.structured("Content-Type") ?? ("text/plain", [:])
        if type.value.hasPrefix("multipart/"), let boundary = type.parameters["boundary"], !boundary.isEmpty {
            for part in Self.parts(of: body, boundary: boundary) {
                let (block, inside) = Self.split(part)
                read(MIMEHeaders(block), inside, depth: depth + 1)
            }
            return
        }
        let disposition = headers.structured("Content-Disposition")
        let isAttached = disposition?.value == "attachment"
        let name = disposition?.parameters["filename"] ?? type.parameters["name"]
        switch type.value {
        case "text/plain" where !isAttached && text == nil: text = Self.decoded(headers, type, body)
        case "text/html" where !isAttached && html == nil: html = Self.decoded(headers, type, body)
        default: attachments.append(name ?? type.value)
        }
    }

    private static func decoded(
        _ headers: MIMEHeaders, _ type: (value: String, parameters: [String: String]), _ body: ArraySlice<UInt8>
    ) -> String {
        let bytes: [UInt8]
        switch headers.structured("Content-Transfer-Encoding")?.value {
        case "base64": bytes = base64Decoded(body, lenient: true) ?? []
        case "quoted-printable": bytes = quotedPrintableDecoded(body)
        default: bytes = Array(body)
        }
        return Sandbox.text(of: bytes, charset: type.parameters["charset"] ?? "utf-8")
            .split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: "\n")
    }

    /// Header block and body, separated by the first empty line.
    private static func split(_ bytes: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 10) {
            let line = bytes[start..<end]
            if line.isEmpty || line.elementsEqual([13]) { return (bytes[..<start], bytes[(end + 1)...]) }
            start = end + 1
        }
        return (bytes, [])
    }

    /// The parts between the lines `--boundary`; what is before the first and after `--boundary--` is ignored.
    private static func parts(of body: ArraySlice<UInt8>, boundary: String) -> [ArraySlice<UInt8>] {
        let mark = Array("--\(boundary)".utf8)
        var parts: [ArraySlice<UInt8>] = []
        var partStart: Int?
        var start = body.startIndex
        while start < body.endIndex {
            let end = body[start...].firstIndex(of: 10) ?? body.endIndex - 1
            let line = body[start...end]
            if line.starts(with: mark) {
                if let from = partStart {
                    // The line break before the boundary belongs to it.
                    var part = body[from..<start]
                    if part.last == 10 { part.removeLast() }
                    if part.last == 13 { part.removeLast() }
                    parts.append(part)
                }
                if line.dropFirst(mark.count).starts(with: Array("--".utf8)) { return parts }
                partStart = end + 1
            }
            start = end + 1
        }
        if let from = partStart, from < body.endIndex { parts.append(body[from...]) }
        return parts
    }
}
