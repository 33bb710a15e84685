/// What the server itself checks in a request's head: how long the body is, and whether the head is well-formed.
///
/// The library below takes the first of several lengths, any transfer coding and any byte in a name; whatever a proxy
/// in front could read differently is refused here (RFC 9112, 5.1, 6.1 and 6.3).
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

    init() {}

    /// Looks at one field.
    mutating func visit(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        guard Self.isToken(name) else {
            return refuse(400, "a header field's name has a character that names must not have")
        }
        guard Self.isText(value) else { return refuse(400, "a header field's value has a control character") }
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

    /// All fields have been looked at.
    mutating func end() {
        if fault == nil, codings > 0, lengths > 0 {
            fault = Fault(status: 400, reason: "Content-Length and Transfer-Encoding in one request")
        }
    }

    private mutating func lengthCame(_ value: UnsafeBufferPointer<UInt8>) {
        lengths += 1
        guard lengths == 1 else { return refuse(400, "two Content-Length fields") }
        // At most 15 digits: no product overflows, and a thousand terabytes are too much for any limit.
        guard !value.isEmpty, value.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return refuse(400, "a Content-Length that is not a number")
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
}

// MARK: - Characters
extension HeadInspection {
    /// Letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, 5.6.2), as bits: of the first 64 characters, and of the next.
    private static let tokenBits: (UInt64, UInt64) = (0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE)

    static func isTokenByte(_ byte: UInt8) -> Bool {
        guard byte < 0x80 else { return false }
        let bits = byte < 0x40 ? tokenBits.0 : tokenBits.1
        return bits >> UInt64(byte & 0x3F) & 1 == 1
    }

    static func isToken(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for index in bytes.indices where !isTokenByte(bytes[index]) { return false }
        return !bytes.isEmpty
    }

    /// Whether there are no control characters but the tabulator; eight bytes at a time, since this sees every byte of
    /// every head.
    static func isText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at + 8 <= bytes.count {
            let word = UnsafeRawPointer(bytes.baseAddress! + at).loadUnaligned(as: UInt64.self)
            if mayHaveControl(word), !isTextSlowly(bytes, at..<at + 8) { return false }
            at += 8
        }
        return isTextSlowly(bytes, at..<bytes.count)
    }

    /// True at least where a byte is below 0x20 or is 0x7F: the usual tests for "less than" and "zero" in a word.
    private static func mayHaveControl(_ word: UInt64) -> Bool {
        let (ones, highs): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        let delete = word ^ (ones &* 0x7F)
        return ((word &- ones &* 0x20) & ~word | (delete &- ones) & ~delete) & highs != 0
    }

    private static func isTextSlowly(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range where bytes[index] < 0x20 && bytes[index] != 0x09 || bytes[index] == 0x7F { return false }
        return true
    }
}
