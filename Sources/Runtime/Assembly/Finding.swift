/// What `doctor` found out about one thing that a process needs.
public struct Finding: Sendable, Equatable {
    public enum Grade: String, Sendable, CaseIterable {
        case ok, warning
        /// A process cannot do its work with it.
        case fault
    }

    public var grade: Grade
    /// What was looked at: `kafka`, `ledger`, `smtp`, `connection ID`.
    public var subject: String
    /// What was found; without secrets and personal data.
    public var text: String
    /// What to do about it; nil where nothing needs to be done.
    public var remedy: String?

    public init(_ grade: Grade, _ subject: String, _ text: String, remedy: String? = nil) {
        self.grade = grade
        self.subject = subject
        self.text = text
        self.remedy = remedy
    }
}
