/// True time of a simulation, in nanoseconds since its start.
public typealias TrueTime = Int64

public let millisecond: TrueTime = 1_000_000
public let second: TrueTime = 1_000_000_000
