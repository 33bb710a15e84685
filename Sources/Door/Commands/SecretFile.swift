import FoundationEssentials
import Glibc

/// A secret given to a command in a file, so that it is not in a shell's history or a process list.
enum SecretFile {
    /// - Parameter path: `-` for standard input.
    static func read(_ path: String) throws -> String {
        let text: String
        if path == "-" {
            text = readLine(strippingNewline: true) ?? ""
        } else {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw Failure("the secret's file \(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            text = String(decoding: data, as: UTF8.self)
        }
        let secret = text.split(whereSeparator: \.isWhitespace).joined()
        guard !secret.isEmpty else { throw Failure("the secret's file \(path) is empty") }
        return secret
    }
}
