/// A command failed; the exit status is 1.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A command was given an invalid value; the exit status is 2.
struct WrongUse: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Kafka or the database is unavailable; the exit status is 3.
struct NotReady: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
