import CZlib

/// How a body is compressed (RFC 9110, 8.4.1): `gzip` and `deflate` are read, within bounds.
public enum ContentCoding: Sendable, Equatable {
    case gzip, deflate

    /// The value of `Accept-Encoding` in the answer that refuses another coding.
    public static let accepted = "gzip, deflate"

    /// The coding that the field `Content-Encoding` names; nil if the body is not compressed.
    ///
    /// - Throws: ``CodingError/Code/unknown`` for any other coding, or several on top of each other.
    public init?(_ field: String?) throws(CodingError) {
        switch field?.lowercased().filter({ $0 != " " && $0 != "\t" }) ?? "" {
        case "", "identity": return nil
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        default:
            throw CodingError(
                .unknown, "the content coding \(field.map { String($0.prefix(40)) } ?? "") is not supported")
        }
    }

    /// Size up to which any ratio is allowed: a small body with a high ratio does no harm.
    private static let ratioFreeBytes = 64 * 1024
    /// Texts that people write shrink to a tenth, lists of equal lines to a hundredth.
    private static let ratioMaximum = 100

    /// Decompresses `bytes`.
    ///
    /// - Parameter bytesMaximum: of the result; a longer one is refused before it is made.
    /// - Throws: ``CodingError/Code/broken`` if the bytes are not of this coding or cut short,
    ///   ``CodingError/Code/tooLarge`` if the result is too large or too many times larger than the bytes.
    public func decoded(_ bytes: [UInt8], bytesMaximum: Int) throws(CodingError) -> [UInt8] {
        switch self {
        case .gzip: return try Self.inflated(bytes, windowBits: 15 + 16, bytesMaximum)
        case .deflate:
            // RFC 9110, 8.4.1.2: zlib's form is specified, but some send raw deflate.
            let isZlib =
                bytes.count >= 2 && bytes[0] & 0x0F == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
            return try Self.inflated(bytes, windowBits: isZlib ? 15 : -15, bytesMaximum)
        }
    }

    private static func inflated(
        _ bytes: [UInt8], windowBits: Int32, _ bytesMaximum: Int
    ) throws(CodingError) -> [UInt8] {
        let limit = min(bytesMaximum, max(ratioFreeBytes, bytes.count * ratioMaximum))
        var input = bytes[...]
        var output: [UInt8] = []
        // A gzip file may have several members, one behind the other (RFC 1952, 2.2).
        repeat {
            input = try member(input, windowBits, into: &output, limit: limit)
        } while !input.isEmpty && windowBits > 15
        guard input.isEmpty else { throw .broken }
        return output
    }

    /// - Returns: what lies behind the member.
    private static func member(
        _ bytes: ArraySlice<UInt8>, _ windowBits: Int32, into output: inout [UInt8], limit: Int
    ) throws(CodingError) -> ArraySlice<UInt8> {
        var stream = z_stream()
        guard czlib_begin(&stream, windowBits) == Z_OK else { throw .broken }
        defer { inflateEnd(&stream) }
        var isEnded = false
        var rest = bytes.count
        var input = Array(bytes)
        while !isEnded {
            guard output.count <= limit else {
                throw CodingError(.tooLarge, "the decompressed body is too large")
            }
            let room = min(16 * 1024, limit + 1 - output.count)
            var status = Z_OK
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                input.withUnsafeMutableBufferPointer { input in
                    stream.next_in = input.baseAddress.map { $0 + (input.count - rest) }
                    stream.avail_in = UInt32(clamping: rest)
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(room)
                    status = inflate(&stream, Z_NO_FLUSH)
                }
                count = room - Int(stream.avail_out)
            }
            rest = Int(stream.avail_in)
            output += chunk
            isEnded = status == Z_STREAM_END
            // Without progress the body is cut short.
            guard isEnded || status == Z_OK && !(chunk.isEmpty && rest == 0) else { throw .broken }
        }
        guard output.count <= limit else { throw CodingError(.tooLarge, "the decompressed body is too large") }
        return bytes.suffix(rest)
    }
}

/// Why a compressed body cannot be read.
public struct CodingError: Error, Sendable, Equatable {
    /// Whether the coding is not supported, the body does not match it, or the result is too large.
    public enum Code: Sendable { case unknown, broken, tooLarge }
    public let code: Code
    /// What is wrong, without any content of the body.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static let broken = CodingError(.broken, "the body does not match its Content-Encoding, or is cut short")
}
