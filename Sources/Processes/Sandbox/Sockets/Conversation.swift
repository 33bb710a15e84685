import TLS

/// One side of a connection, as a pure value: bytes in, steps out. The socket server drives it, from one thread.
protocol Conversation {
    /// The connection is open.
    mutating func opened() -> [Step]
    /// Bytes came; they may be any part of what the other side sent.
    mutating func received(_ bytes: ArraySlice<UInt8>) -> [Step]
}

/// A step of a conversation: each begins when those before it are done.
enum Step: Equatable {
    case send([UInt8])
    /// The same bytes over and over: an answer of 100 MB needs no 100 MB here.
    case sendRepeatedly([UInt8], times: Int)
    /// Wait.
    case wait(milliseconds: Int)
    /// Do nothing more, and keep the connection open.
    case hang
    case close
    /// Send what is waiting, then begin TLS.
    case startTLS(TLSIdentity)

    static func send(_ text: String) -> Step { .send(Array(text.utf8)) }
}

/// Why a server could not listen, and where.
public struct SandboxError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public var description: String { message }
    init(_ message: String) { self.message = message }
}
