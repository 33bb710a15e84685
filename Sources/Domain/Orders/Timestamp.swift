/// An instant: milliseconds since 1970-01-01T00:00:00Z. The domain has no clock; instants come in from outside.
public struct Timestamp: Sendable, Hashable, Comparable {
    public var milliseconds: Int64
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }
}
