/// A process's log: one JSON object a line on standard error; no personal data, no secrets.
///
/// `{"time":"2026-01-31T12:00:00.000Z","level":"info","process":"ingest","message":"…","fields":{…}}`, at most
/// 4,096 bytes, what is longer clipped. A line is one `write(2)`; where nobody reads the pipe, lines are dropped after
/// 20 ms and counted, and the first one that passes says how many.
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
        /// By how much it matters.
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

    /// Writes a line for who looks for a fault; neither text nor fields are made where the level is higher.
    public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: String] = [:]) {
        guard level <= .debug else { return }
        emit(.debug, message(), fields())
    }
    /// Writes a line about the usual course.
    public func info(_ message: String, _ fields: [String: String] = [:]) { emit(.info, message, fields) }
    /// Writes a line about what goes on by itself, and should not be.
    public func warning(_ message: String, _ fields: [String: String] = [:]) { emit(.warning, message, fields) }
    /// Writes a line about what somebody must do something about.
    public func error(_ message: String, _ fields: [String: String] = [:]) { emit(.error, message, fields) }

    private func emit(_ level: Level, _ message: String, _ fields: [String: String]) {
        guard level >= self.level else { return }
        write(LogLine(milliseconds: WallClock.milliseconds(), level: level, process: process, message, fields).text)
    }
}
