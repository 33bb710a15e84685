/// Forms as `multipart/form-data` (RFC 7578), read whole from a body that is there.
public enum MultipartForm {
    /// One field of the form.
    public struct Part: Sendable, Equatable {
        public let name: String
        /// Nil where the part is no file.
        public let fileName: String?
        /// As the part gives it.
        public let contentType: String?
        public let body: [UInt8]
    }

    /// What a part's own fields may take, in bytes.
    private static let partHeadBytesMaximum = 4096

    /// The parts in their order.
    /// - Parameter boundary: the parameter `boundary` of the request's `Content-Type`.
    public static func parse(
        _ body: [UInt8], boundary: String, partsMaximum: Int = 200
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
        for line in String(decoding: bytes[..<(start - separator.count)], as: UTF8.self).split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { throw malformed }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            switch line[..<colon].lowercased() {
            case "content-disposition":
                // A media type's grammar but for the slash, which is lent to it.
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
