import Crypto
import Orders

extension FuzzTarget {
    /// A record of topic `orders`: lines `name: value` as headers, an empty line, the value. It is read or refused, the
    /// same twice; a refusal has the id that was readable; what is read comes back from topic and ledger as it was.
    static let event = FuzzTarget(name: "event") { bytes throws(Broken) in
        let record = TopicRecord(bytes)
        let read = Verdict { try Event(headers: record.headers, value: record.value) }
        try promise("the same twice", Verdict { try Event(headers: record.headers, value: record.value) } == read)
        guard case .taken(let event) = read else { return try refusedWithItsID(record) }
        let encoded = event.encoded()
        try promise(
            "what was read comes back from the topic",
            Verdict { try Event(headers: encoded.headerBytes, value: encoded.value) } == read)
        try promise(
            "what was read comes back from the ledger", Verdict { try Event(event.envelope(of: record.value)) } == read)
        try promise("the key is the order's id", encoded.key == Array(event.order.text.utf8))
    }

    private static func refusedWithItsID(_ record: TopicRecord) throws(Broken) {
        let first = record.headers.first { $0.name == "ce_id" }
        let readable = first.flatMap { String(validating: $0.value, as: UTF8.self) }
        do throws(EventError) { _ = try Event(headers: record.headers, value: record.value) } catch {
            switch error {
            case .poison(let why): try promise("the sentence is short", why.utf8.count < 200)
            case .unknownType(let id, let type):
                try promise("the id is reported", id == readable)
                try promise("the type is clipped", type.utf8.count <= 400)
            case .newerSchema(let id, let schema):
                try promise("the id is reported", id == readable)
                try promise("the schema is newer", schema > EventValue.schema)
            case .malformed(let id, let why):
                try promise("the id is reported", id == readable)
                try promise("the sentence is short: \(why)", why.utf8.count < 600)
            }
        }
    }
}

/// A record as the fuzzer writes it.
struct TopicRecord {
    var headers: [(name: String, value: [UInt8])] = []
    var value: [UInt8]

    init(_ bytes: [UInt8]) {
        var input = Input(bytes)
        while !input.rest.isEmpty {
            let line = input.line()
            if line.isEmpty { break }
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            let value = line.dropFirst(name.count + 1).drop { $0 == 0x20 }
            headers.append((String(decoding: name, as: UTF8.self), Array(value)))
        }
        value = Array(input.rest)
    }
}

extension Envelope {
    /// The headers as whoever reads the record gets them.
    var headerBytes: [(name: String, value: [UInt8])] { headers.map { ($0.name, Array($0.value.utf8)) } }
}
