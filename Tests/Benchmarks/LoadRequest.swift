/// What a load generator sends: one request, with a number in it where `{n}` stands.
///
/// Whatever needs more than a number gives ``LoadGenerator`` a closure of its own.
struct LoadRequest: Sendable {
    var method = "POST"
    var path = "/"
    var fields: [String] = []
    var body = ""

    /// Writes request number `n` into a buffer that is empty.
    var writer: @Sendable (_ n: Int, _ buffer: inout [UInt8]) -> Void {
        let head = fields.reduce("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n") { $0 + $1 + "\r\n" }
        let headPieces = Self.pieces(head)
        let bodyPieces = Self.pieces(body)
        let bodyFixed = bodyPieces.reduce(0) { $0 + $1.count }
        return { n, buffer in
            let digits = Array("\(n)".utf8)
            let length = bodyFixed + (bodyPieces.count - 1) * digits.count
            Self.write(headPieces, digits, &buffer)
            buffer += Array("Content-Length: \(length)\r\n\r\n".utf8)
            Self.write(bodyPieces, digits, &buffer)
        }
    }

    private static func write(_ pieces: [[UInt8]], _ digits: [UInt8], _ buffer: inout [UInt8]) {
        for (index, piece) in pieces.enumerated() {
            if index > 0 { buffer += digits }
            buffer += piece
        }
    }

    /// What stands between the places of the number.
    private static func pieces(_ text: String) -> [[UInt8]] {
        var pieces: [[UInt8]] = [[]]
        var rest = Array(text.utf8)[...]
        let mark = Array("{n}".utf8)
        while let first = rest.first {
            if rest.starts(with: mark) {
                pieces.append([])
                rest = rest.dropFirst(mark.count)
            } else {
                pieces[pieces.count - 1].append(first)
                rest = rest.dropFirst()
            }
        }
        return pieces
    }
}
