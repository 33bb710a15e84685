/// The value of a header field while it is put together: ``HeaderFields/add(_:_:)``.
///
/// In memory of the stack, since an answer has many such fields.
public struct HeaderValue {
    /// The longest value, in bytes.
    static let countMaximum = 128
    private static let digitsMaximum = 20

    private let memory: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    init(_ memory: UnsafeMutableBufferPointer<UInt8>) { self.memory = memory }

    /// What was written.
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: memory[..<count]) }

    /// Appends text, which must have no line break.
    public mutating func text(_ text: StaticString) {
        text.withUTF8Buffer { text in
            precondition(count + text.count <= memory.count, "a composed header field is too long")
            for byte in text { append(byte) }
        }
    }

    /// Appends a number in decimal digits.
    public mutating func number(_ number: Int) {
        precondition(count + Self.digitsMaximum <= memory.count, "a composed header field is too long")
        if number < 0 { append(UInt8(ascii: "-")) }
        let first = count
        var rest = number.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        // The last digit came first.
        memory[first..<count].reverse()
    }

    private mutating func append(_ byte: UInt8) {
        memory[count] = byte
        count += 1
    }
}
