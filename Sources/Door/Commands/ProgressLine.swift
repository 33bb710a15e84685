import CommandLine
import Glibc
import Telemetry

/// Tells on standard error how far a command has come: a terminal has one line that is written over, anything else gets
/// lines of the log.
struct ProgressLine {
    private let name: String
    private let unit: String
    private let log: Log
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var progress: Progress?
    private var isOpen = false

    /// - Parameters:
    ///   - name: the command's.
    ///   - unit: what is counted, as "records".
    init(_ name: String, unit: String, log: Log) {
        self.name = name
        self.unit = unit
        self.log = log
    }

    mutating func tell(_ done: Int64, of total: Int64) {
        let now = ContinuousClock.now
        // The first call only starts the clock: what is done at once shows no progress.
        var progress =
            progress
            ?? Progress(of: total, from: done, every: isTerminal ? .milliseconds(500) : .seconds(10), now: now)
        let step = progress.step(done: done, now: now)
        self.progress = progress
        guard let step else { return }
        guard isTerminal else { return log.info("\(name): \(unit)", step.fields) }
        write("\r\u{1B}[K\(name): \(step.words(unit))")
        isOpen = true
    }

    /// Takes the line away again; what follows is the result.
    mutating func end() {
        if isOpen { write("\r\u{1B}[K") }
        isOpen = false
    }

    /// What the terminal does not accept is dropped: the next line replaces it.
    private func write(_ text: String) {
        var text = text
        _ = text.withUTF8 { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
