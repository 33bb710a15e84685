/// The window over which requests are counted: 60 s, fixed.
public let windowMilliseconds: Int64 = 60_000

/// A span of time, in milliseconds, on whichever clock.
public typealias Milliseconds = Int64
