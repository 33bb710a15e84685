/// The bytes that follow 354: the message with every line's leading dot doubled and a line end at its end
/// (RFC 5321 §4.5.2). The final dot is not among them.
func dotStuffed(_ message: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(message.count + message.count / 64 + 2)
    for line in message.split(separator: 10, omittingEmptySubsequences: false) {
        if line.first == UInt8(ascii: ".") { output.append(UInt8(ascii: ".")) }
        output += line
        output.append(10)
    }
    // What follows the last LF is an empty line only where the message ends with one.
    output.removeLast()
    if let last = output.last, last != 10 { output += [13, 10] }
    return output
}

/// What ends the body.
let finalDot: [UInt8] = Array(".\r\n".utf8)
