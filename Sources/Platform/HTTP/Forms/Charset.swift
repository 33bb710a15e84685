import Glibc

/// The encoding of the text in a form or a message. Invalid bytes are refused, never replaced.
public struct Charset: Sendable, Equatable {
    /// As iconv calls it; nil: UTF-8, which needs none.
    private let name: String?

    public static let utf8 = Charset(name: nil)

    private init(name: String?) { self.name = name }

    /// The charset with this label, as forms and media types have it; nil if it is not supported.
    public init?(label: String) {
        switch label.lowercased().filter({ !$0.isWhitespace && $0 != "\"" && $0 != "'" }) {
        case "utf-8", "utf8", "us-ascii", "ascii", "": name = nil
        case "windows-1251", "cp1251", "cp-1251", "x-cp1251", "win-1251": name = "CP1251"
        // What calls itself Latin 1 is windows-1252 on the web (WHATWG Encoding, 4.2).
        case "windows-1252", "cp1252", "x-cp1252", "iso-8859-1", "iso8859-1", "latin1": name = "CP1252"
        case "koi8-u": name = "KOI8-U"
        case "koi8-r", "koi8": name = "KOI8-R"
        case "iso-8859-2", "iso8859-2", "latin2": name = "ISO-8859-2"
        case "iso-8859-5", "iso8859-5", "cyrillic": name = "ISO-8859-5"
        default: return nil
        }
    }

    /// The supported labels, for messages.
    public static let labels =
        "utf-8, windows-1251, windows-1252, koi8-u, koi8-r, iso-8859-1, iso-8859-2 and iso-8859-5"

    /// Decodes text; nil if the bytes are invalid in this charset, or have a zero byte.
    public func text(_ bytes: some Collection<UInt8>) -> String? {
        if bytes.contains(0) { return nil }
        // ASCII is the same in all of them.
        guard let name, !bytes.allSatisfy({ $0 < 0x80 }) else { return String(validating: bytes, as: UTF8.self) }
        return converted(Array(bytes), from: name)
    }

    private func converted(_ bytes: [UInt8], from name: String) -> String? {
        guard let converter = iconv_open("UTF-8", name), converter != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(converter) }
        // No character of these charsets is more than three bytes of UTF-8.
        let room = bytes.count * 3
        var input = bytes.map { CChar(bitPattern: $0) }
        var isWhole = false
        let text = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            input.withUnsafeMutableBufferPointer { input in
                var from = input.baseAddress
                var left = input.count
                buffer.withMemoryRebound(to: CChar.self) { output in
                    var to = output.baseAddress
                    var free = room
                    // Beyond errors, what could not be converted exactly is counted: there must be nothing of it.
                    isWhole = iconv(converter, &from, &left, &to, &free) == 0 && left == 0
                    count = room - free
                }
            }
        }
        return isWhole ? String(validating: text, as: UTF8.self) : nil
    }
}
