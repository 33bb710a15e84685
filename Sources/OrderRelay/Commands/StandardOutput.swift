import Glibc

/// Results, the banner and the JSON line go here, each at once: a pipe's reader waits for it.
enum StandardOutput {
    static func write(_ text: String) {
        var rest = Array("\(text)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // Nobody reads any more: what the program was started for goes on without.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
