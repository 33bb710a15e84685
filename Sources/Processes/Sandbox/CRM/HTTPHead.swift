import HTTP

/// The head of a request, parsed from its bytes.
struct HTTPHead {
    var head: RequestHead
    /// nil if the body comes in a form that is not read here.
    var bodyLength: Int?
    var wantsClose: Bool
    var expectsContinue: Bool

    /// nil if it is malformed.
    init?(_ bytes: ArraySlice<UInt8>) {
        var lines = bytes.split(separator: 10).map {
            String(decoding: $0.last == 13 ? $0.dropLast() : $0, as: UTF8.self)
        }[...]
        guard let request = lines.popFirst()?.split(separator: " "), request.count == 3, request[2].hasPrefix("HTTP/1.")
        else {
            return nil
        }
        var fields = HeaderFields()
        for line in lines where !line.isEmpty {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.add(String(line[..<colon]), String(value))
        }
        let target = request[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query: [(name: String, value: String)] =
            target.count < 2
            ? []
            : target[1].split(separator: "&").map { pair in
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (name: percentDecoded(sides[0]), value: sides.count > 1 ? percentDecoded(sides[1]) : "")
            }
        head = RequestHead(method: Self.method(request[0]), path: String(target[0]), query: query, fields: fields)
        if fields["Transfer-Encoding"] != nil {
            bodyLength = nil
        } else {
            bodyLength = fields["Content-Length"].map { Int($0) ?? -1 } ?? 0
            if bodyLength! < 0 { return nil }
        }
        wantsClose = fields["Connection"]?.lowercased() == "close" || request[2] == "HTTP/1.0"
        expectsContinue = fields["Expect"]?.lowercased() == "100-continue"
    }

    private static func method(_ name: Substring) -> Method {
        switch name {
        case "GET": .get
        case "HEAD": .head
        case "POST": .post
        case "PUT": .put
        case "PATCH": .patch
        case "DELETE": .delete
        case "OPTIONS": .options
        default: .other(String(name))
        }
    }
}
