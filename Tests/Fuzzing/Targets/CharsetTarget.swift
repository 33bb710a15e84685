@testable import HTTP

extension FuzzTarget {
    /// A form in some charset: its first bytes say in which one, and whether it is urlencoded, in parts, or compressed.
    static let charset = FuzzTarget(name: "charset") { bytes throws(Broken) in
        var input = Input(bytes)
        let labels = ["utf-8", "windows-1251", "windows-1252", "koi8-u", "koi8-r", "iso-8859-1", "iso-8859-5"]
        let label = labels[Int(input.byte()) % labels.count]
        guard let charset = Charset(label: label) else { throw Broken(promise: "\(label) is known") }
        switch input.byte() % 3 {
        case 0:
            let value = Array(input.rest)
            try isNeverReplaced(charset.text(value), value)
            var escaped: [UInt8] = Array("a=".utf8)
            for byte in value { escaped += Array("%\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8) }
            let read = try? URLEncodedForm.parse(escaped, charset: charset)
            try promise("a form's value is its text", read?.first?.value == charset.text(value))
        case 1:
            guard let fields = try? MultipartForm.fields(Array(input.rest), boundary: "X", charset: charset) else {
                return
            }
            try promise("fields have a bound", fields.count <= MultipartForm.fieldsMaximum)
            for field in fields { try isNeverReplaced(field.value, Array(input.rest)) }
        default:
            let maximum = 64 * 1024
            for coding in [ContentCoding.gzip, .deflate] {
                guard let unpacked = try? coding.decoded(Array(input.rest), bytesMaximum: maximum) else { continue }
                try promise("what comes out has a bound", unpacked.count <= maximum)
            }
        }
    }

    private static func isNeverReplaced(_ text: String?, _ bytes: [UInt8]) throws(Broken) {
        guard let text else { return }
        let mark = Array("\u{FFFD}".utf8)
        let isOwn = bytes.indices.contains { bytes[$0...].starts(with: mark) }
        try promise("nothing is replaced", isOwn || !text.unicodeScalars.contains("\u{FFFD}"))
        try promise("no zero byte comes through", !text.utf8.contains(0))
    }
}
