/// One side of a connection, as a pure value: what came in, and what is to be done about it. The socket server drives
/// it, from one thread.
protocol Conversation {
    /// The connection stands.
    mutating func opened() -> [Step]
    /// Bytes came; they may be any part of what the other side sent.
    mutating func received(_ bytes: ArraySlice<UInt8>) -> [Step]
}

/// What a conversation wants done, in order: a step waits until those before it are through.
enum Step: Equatable {
    case send([UInt8])
    /// The same bytes over and over: an answer of 100 MB needs no 100 MB here.
    case sendRepeatedly([UInt8], times: Int)
    /// Nothing for so many milliseconds.
    case wait(milliseconds: Int)
    /// Nothing ever again, with the connection open.
    case hang
    case close

    static func send(_ text: String) -> Step { .send(Array(text.utf8)) }
}

/// Where a server could not listen, and why.
public struct SandboxError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
    init(_ message: String) { self.message = message }
}
