import Glibc

/// For results, the banner and the JSON line, each flushed at once: a pipe's reader waits for it.
enum StandardOutput {
    static func write(_ text: String) {
        var rest = Array("\(text)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // The reader has closed the pipe: the program continues without output.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
