/// A media type with its parameters, as `Content-Type` and `Accept` write it (RFC 9110, 8.3.1).
public struct MediaType: Sendable, Equatable {
    /// `application/json`, in lower case.
    public let name: String
    /// In their order; names in lower case.
    public let parameters: [Parameter]

    /// A parameter, its quotes taken off.
    public struct Parameter: Sendable, Equatable {
        /// In lower case.
        public let name: String
        public let value: String
    }

    /// Parses `text`; nil if it is not a media type.
    public init?(_ text: some StringProtocol) {
        let pieces = Self.split(Array(text.utf8), at: UInt8(ascii: ";"))
        guard let name = pieces.first, let slash = name.firstIndex(of: UInt8(ascii: "/")),
            slash > 0, slash < name.count - 1, name.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.name = String(decoding: name, as: UTF8.self).lowercased()
        parameters = pieces.dropFirst().compactMap { piece in
            guard let equals = piece.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { return nil }
            return Parameter(
                name: String(decoding: piece[..<equals], as: UTF8.self).lowercased(),
                value: Self.unquoted(piece[(equals + 1)...]))
        }
    }

    /// The value of the first parameter with this name (in lower case); nil if it is missing.
    public subscript(_ parameter: String) -> String? { parameters.first { $0.name == parameter }?.value }

    /// Pieces without the spaces around them; separators inside quotes don't count.
    static func split(_ text: [UInt8], at separator: UInt8) -> [[UInt8]] {
        var pieces: [[UInt8]] = [[]]
        var (isQuoted, isEscaped) = (false, false)
        for byte in text {
            if byte == separator, !isQuoted {
                pieces.append([])
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), isQuoted {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            }
            pieces[pieces.count - 1].append(byte)
        }
        return pieces.map { piece in
            let head = piece.drop { $0 == 0x20 || $0 == 0x09 }
            return Array(head.prefix(upTo: (head.lastIndex { $0 != 0x20 && $0 != 0x09 } ?? head.startIndex - 1) + 1))
        }
    }

    static func unquoted(_ text: ArraySlice<UInt8>) -> String {
        guard text.count >= 2, text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") else {
            return String(decoding: text, as: UTF8.self)
        }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in text.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                bytes.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
