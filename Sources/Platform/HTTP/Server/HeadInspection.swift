/// What the server itself must know of a request's head: how long the body is, and whether the head may be believed.
///
/// The library below takes the first of several lengths, any transfer coding and any byte in a name; whatever a proxy in
/// front could read differently from us is refused here (RFC 9112, 5.1, 6.1 and 6.3).
struct HeadInspection: Equatable {
    enum Body: Equatable {
        case none
        case length(Int)
        /// Chunked: the length shows at the end.
        case unknown
    }
    /// Why the request is refused, with the status.
    struct Fault: Equatable {
        var status: Int
        var reason: String
    }

    private(set) var body = Body.none
    /// The client waits for `100 Continue` before it sends the body.
    private(set) var expectsContinue = false
    private(set) var fault: Fault?
    private var lengths = 0, hosts = 0, codings = 0

    init(_ fields: HeaderFields) {
        fields.forEach { name, value in visit(name, value) }
        if fault == nil, codings > 0, lengths > 0 {
            fault = Fault(status: 400, reason: "Content-Length and Transfer-Encoding in one request")
        }
    }

    private mutating func visit(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        guard !name.isEmpty, name.allSatisfy(Self.isTokenByte) else {
            return refuse(400, "a header field's name has a character that names must not have")
        }
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            return refuse(400, "a header field's value has a control character")
        }
        switch name.count {
        case 4 where Self.same(name, "host"):
            hosts += 1
            if hosts > 1 { refuse(400, "two Host fields") }
        case 6 where Self.same(name, "expect"):
            guard Self.same(value, "100-continue") else { return refuse(417, "an expectation other than 100-continue") }
            expectsContinue = true
        case 14 where Self.same(name, "content-length"): lengthCame(value)
        case 17 where Self.same(name, "transfer-encoding"):
            codings += 1
            guard codings == 1, Self.same(value, "chunked") else {
                return refuse(501, "a transfer coding other than chunked")
            }
            body = .unknown
        default: break
        }
    }

    private mutating func lengthCame(_ value: UnsafeBufferPointer<UInt8>) {
        lengths += 1
        guard lengths == 1 else { return refuse(400, "two Content-Length fields") }
        // At most 15 digits: no product overflows, and a thousand terabytes are too much for any limit.
        guard !value.isEmpty, value.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return refuse(400, "a Content-Length that is no number")
        }
        guard value.count <= 15 else { return refuse(413, "a body larger than any limit") }
        let length = value.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        body = length == 0 ? .none : .length(length)
    }

    private mutating func refuse(_ status: Int, _ reason: String) {
        if fault == nil { fault = Fault(status: status, reason: reason) }
    }

    private static func same(_ one: UnsafeBufferPointer<UInt8>, _ lowercase: StaticString) -> Bool {
        HeaderFields.same(
            one, UnsafeBufferPointer(start: lowercase.utf8Start, count: lowercase.utf8CodeUnitCount))
    }

    /// RFC 9110, 5.6.2.
    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
