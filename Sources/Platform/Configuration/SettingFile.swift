import Glibc

/// Longest value that a file gives: a certificate chain fits.
private let fileBytesMaximum = 64 * 1024

/// The content of the file that `NAME_FILE` names, without the line feed at its end.
func contentOfFile(at path: String, of name: String) throws(ConfigurationError) -> String {
    func refusal(_ why: String) -> ConfigurationError {
        ConfigurationError(name: name + "_FILE", "\(name)_FILE names \(path): \(why)")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw refusal(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 {
            if errno == EINTR { continue }
            throw refusal(String(cString: strerror(errno)))
        }
        if count == 0 { break }
        bytes += buffer[..<count]
        guard bytes.count <= fileBytesMaximum else { throw refusal("longer than \(fileBytesMaximum) bytes") }
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw refusal("not UTF-8 text") }
    guard !text.isEmpty else { throw refusal("empty") }
    return text
}
