/// Forms as `multipart/form-data` (RFC 7578), parsed from a complete body.
public enum MultipartForm {
    /// One field of the form.
    public struct Part: Sendable, Equatable {
        public let name: String
        /// nil if the part is not a file.
        public let fileName: String?
        /// As the part gives it; nil if it does not.
        public let contentType: String?
        /// The part's bytes, as they came.
        public let body: [UInt8]
    }

    /// The most fields of a form; their size has its own bound.
    public static let fieldsMaximum = 4096

    /// A form's fields as text: each part by its own charset, else by the one that a field `_charset_` names
    /// (RFC 7578, 4.6), else by the request's. Invalid text is refused, never replaced.
    ///
    /// - Throws: ``FormError`` if the form is malformed, a part is not text of its charset, or there are too many
    ///   parts.
    public static func fields(
        _ body: [UInt8], boundary: String, charset: Charset = .utf8
    ) throws(FormError) -> [(name: String, value: String)] {
        let parts = try parse(body, boundary: boundary)
        var charset = charset
        if let named = parts.first(where: { $0.name == "_charset_" }) {
            charset = try FormError.charset(String(decoding: named.body, as: UTF8.self))
        }
        var fields: [(name: String, value: String)] = []
        // Files are not fields, and may hold any bytes.
        for part in parts where part.fileName == nil {
            var own = charset
            if let label = part.contentType.flatMap({ MediaType($0)?["charset"] }) {
                own = try FormError.charset(label)
            }
            guard let value = own.text(part.body) else {
                throw FormError(
                    .malformed,
                    "part \(fields.count + 1) of the form is not text of its charset (UTF-8 if none is given)"
                )
            }
            fields.append((part.name, value))
        }
        return fields
    }

    /// The most that a part's own header fields may take, in bytes.
    private static let partHeadBytesMaximum = 4096

    /// The parts in their order.
    ///
    /// - Parameter boundary: the parameter `boundary` of the request's `Content-Type`.
    /// - Throws: ``FormError`` if the form is malformed or has more than `partsMaximum` parts.
    public static func parse(
        _ body: [UInt8], boundary: String, partsMaximum: Int = fieldsMaximum
    ) throws(FormError) -> [Part] {
        // RFC 2046, 5.1.1: 1 to 70 characters.
        guard 1...70 ~= boundary.utf8.count else {
            throw FormError(.malformed, "the form's boundary is not 1 to 70 characters")
        }
        let delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter may stand at the very beginning.
        guard
            var at = body.starts(with: delimiter.dropFirst(2))
                ? delimiter.count - 2 : end(of: delimiter, in: body, from: 0)
        else { throw FormError(.malformed, "the form's boundary does not occur in it") }
        var parts: [Part] = []
        while !isClosing(body, at) {
            guard parts.count < partsMaximum else {
                throw FormError(.tooManyFields, "the form has more than \(partsMaximum) parts")
            }
            guard let start = end(of: crlf, in: body, from: at),
                body[at..<start - 2].allSatisfy({ $0 == 0x20 || $0 == 0x09 }),
                let next = end(of: delimiter, in: body, from: start - 2)
            else { throw FormError(.malformed, "part \(parts.count + 1) of the form has no end") }
            parts.append(try part(body[start..<max(start, next - delimiter.count)], number: parts.count + 1))
            at = next
        }
        return parts
    }

    private static let crlf: [UInt8] = [0x0D, 0x0A]

    private static func isClosing(_ body: [UInt8], _ at: Int) -> Bool {
        body.count >= at + 2 && body[at] == UInt8(ascii: "-") && body[at + 1] == UInt8(ascii: "-")
    }

    private static func part(_ bytes: ArraySlice<UInt8>, number: Int) throws(FormError) -> Part {
        let malformed = FormError(.malformed, "part \(number) of the form has no readable name")
        // A part without fields of its own begins with the empty line.
        let separator = crlf + crlf
        guard let start = end(of: separator, in: bytes, from: bytes.startIndex),
            start - bytes.startIndex <= partHeadBytesMaximum
        else { throw malformed }
        var (name, fileName, contentType): (String?, String?, String?)
        guard let head = String(validating: bytes[..<(start - separator.count)], as: UTF8.self) else { throw malformed }
        for line in head.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { throw malformed }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            switch line[..<colon].lowercased() {
            case "content-disposition":
                // The grammar is a media type's except for the slash, which is added here.
                guard let disposition = MediaType("form/\(value)"), disposition.name == "form/form-data" else {
                    throw malformed
                }
                (name, fileName) = (disposition["name"], disposition["filename"])
            case "content-type": contentType = String(value)
            default: break
            }
        }
        guard let name else { throw malformed }
        return Part(name: name, fileName: fileName, contentType: contentType, body: Array(bytes[start...]))
    }

    /// Behind the first `wanted` at or after `from`.
    private static func end(of wanted: [UInt8], in bytes: some RandomAccessCollection<UInt8>, from: Int) -> Int? {
        let isFound: Int?? = bytes.withContiguousStorageIfAvailable { storage in
            // Indices of a slice begin where it begins.
            let offset = (bytes.startIndex as? Int) ?? 0
            var at = from - offset
            while at >= 0, at + wanted.count <= storage.count {
                if storage[at] == wanted[0], storage[at..<at + wanted.count].elementsEqual(wanted) {
                    return at + wanted.count + offset
                }
                at += 1
            }
            return nil
        }
        return isFound ?? nil
    }
}
