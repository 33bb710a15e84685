/// A line of a trace: when, who, what, in columns that the eye can follow.
public struct TraceLine: Sendable, CustomStringConvertible {
    public var at: TrueTime
    /// `p3.1`: process 3 after its first restart; `log 0`: partition 0; `world`.
    public var who: String
    /// One word: what kind of event it is.
    public var what: String
    public var detail: String

    public init(at: TrueTime, who: String, what: String, detail: String) {
        self.at = at
        self.who = who
        self.what = what
        self.detail = detail
    }

    public var description: String {
        let milliseconds = at / 1_000
        let time = "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst())"
        return time.paddedLeft(to: 12) + " ms  " + who.padded(to: 7) + what.padded(to: 10) + detail
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
    func paddedLeft(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
