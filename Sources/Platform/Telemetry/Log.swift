/// A process's log: one JSON object a line on standard error; no personal data, no secrets.
public struct Log: Sendable {
    public enum Level: String, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error
        public static func < (one: Self, other: Self) -> Bool {
            allCases.firstIndex(of: one)! < allCases.firstIndex(of: other)!
        }
    }
    /// - Parameters:
    ///   - process: the subcommand, in every line as `process`.
    ///   - write: where finished lines go; standard error by default.
    public init(process: String, level: Level = .info, write: (@Sendable (String) -> Void)? = nil) { fatalError("to be written") }
    public func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: String] = [:]) { fatalError("to be written") }
    public func info(_ message: String, _ fields: [String: String] = [:]) { fatalError("to be written") }
    public func warning(_ message: String, _ fields: [String: String] = [:]) { fatalError("to be written") }
    public func error(_ message: String, _ fields: [String: String] = [:]) { fatalError("to be written") }
}
