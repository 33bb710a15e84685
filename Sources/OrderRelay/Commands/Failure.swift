/// A command could not do what it was asked for; the exit status is 1.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A command was given something that is no value for it; the exit status is 2.
struct WrongUse: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Kafka or the database is away; the exit status is 3.
struct NotReady: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
