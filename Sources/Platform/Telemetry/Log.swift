/// A process's log: one JSON object a line on standard error; no personal data, no secrets.
///
/// `{"time":"2026-01-31T12:00:00.000Z","level":"info","process":"ingest","message":"…","fields":{…}}`, at most 4,096
/// bytes, what is longer clipped. A line is one `write(2)`; if nobody reads the pipe, lines are dropped after 20 ms and
/// counted, and the next line that is written is preceded by their number.
public struct Log: Sendable {
    /// How much a line matters; a log writes those of its own level and above.
    public enum Level: String, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error
        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
        /// Less severe first.
        public static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }
    }

    private let process: String
    private let level: Level
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - process: the subcommand, in every line as `process`.
    ///   - write: where finished lines (without a line feed) go; standard error by default.
    public init(process: String, level: Level = .info, write: (@Sendable (String) -> Void)? = nil) {
        self.process = process
        self.level = level
        self.write = write ?? { StandardError.shared.write($0) }
    }

    /// Writes a line for debugging; text and fields are not even built if the level is higher.
    public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: String] = [:]) {
        guard level <= .debug else { return }
        emit(.debug, message(), fields())
    }
    /// Writes a line about normal operation.
    public func info(_ message: String, _ fields: [String: String] = [:]) { emit(.info, message, fields) }
    /// Writes a line about a problem that the program handles by itself.
    public func warning(_ message: String, _ fields: [String: String] = [:]) { emit(.warning, message, fields) }
    /// Writes a line about a problem that somebody must act on.
    public func error(_ message: String, _ fields: [String: String] = [:]) { emit(.error, message, fields) }

    private func emit(_ level: Level, _ message: String, _ fields: [String: String]) {
        guard level >= self.level else { return }
        write(LogLine(milliseconds: WallClock.milliseconds(), level: level, process: process, message, fields).text)
    }
}
