import JSON

/// What a collector says in the body of an answer with status 200: how many of the spans it has not taken.
public struct OTLPAnswer: Sendable, Equatable {
    /// 0 where all were taken.
    public private(set) var rejected = 0
    /// In the collector's words; nil if it said nothing.
    public private(set) var message: String?

    /// An answer that cannot be read says nothing.
    public init(_ body: [UInt8]) {
        guard let read = try? Self.read(body) else { return }
        self = read
    }

    private init() {}

    private static func read(_ body: [UInt8]) throws(JSONError) -> OTLPAnswer {
        let span = body.span
        var reader = try JSONReader(span.bytes)
        var answer = OTLPAnswer()
        try reader.object { reader, key throws(JSONError) in
            switch key {
            case "partialSuccess": try answer.readPartialSuccess(&reader)
            default: try reader.skip()
            }
        }
        try reader.end()
        return answer
    }

    private mutating func readPartialSuccess(_ reader: inout JSONReader) throws(JSONError) {
        var (rejected, message) = (0, String?.none)
        try reader.object { reader, key throws(JSONError) in
            switch key {
            case "rejectedSpans": rejected = try Self.count(&reader)
            case "errorMessage": message = try reader.string()
            default: try reader.skip()
            }
        }
        self.rejected = rejected
        self.message = message.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Proto3's JSON writes 64-bit numbers as strings, and reads both forms.
    private static func count(_ reader: inout JSONReader) throws(JSONError) -> Int {
        let number: Int64?
        if reader.isNext(.string) { number = Int64(try reader.string()) } else { number = try reader.int64() }
        return Int(clamping: max(0, number ?? 0))
    }
}
