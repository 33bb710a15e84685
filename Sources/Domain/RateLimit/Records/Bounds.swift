/// Upper bounds of what a record may say. A record beyond them is malformed.
public enum Bounds {
    /// The largest limit, and so the most permits that anything can speak of.
    public static let limit = 1_000_000
    /// Settlements in one claim.
    public static let settlements = 64
    /// Runs of equal age in one settlement: 2.5 s in steps of 10 ms, and room for a frozen process's rounding.
    public static let uses = 256
    /// Processes in one limit's state.
    public static let processes = 4_096
    /// Runs in one limit's state: one for each millisecond of a window, and the open parts.
    public static let runs = 131_072
    /// Bytes of a checkpoint's form; a larger state is not sent.
    public static let form = 900_000
    /// Bytes of a whole record.
    public static let record = 1_000_000
    /// An alarm about the broker's clock runs no longer than this.
    public static let alarm: Milliseconds = 600_000
}
