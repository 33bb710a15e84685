/// The bytes that follow 354: the message with every line's leading dot doubled and a line end at its end
/// (RFC 5321 §4.5.2). The final dot is not among them.
func dotStuffed(_ message: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(message.count + message.count / 64 + 2)
    var isLineStart = true
    for byte in message {
        if isLineStart, byte == UInt8(ascii: ".") { output.append(byte) }
        output.append(byte)
        isLineStart = byte == 10
    }
    if !isLineStart { output += [13, 10] }
    return output
}

/// What ends the body.
let finalDot: [UInt8] = Array(".\r\n".utf8)
