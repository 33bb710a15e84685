/// The window over which requests are counted: 60 s, fixed.
public let windowMilliseconds: Int64 = 60_000
