/// Why a form cannot be read.
public struct FormError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Whether it is no form, or one of more fields than are read.
    public enum Code: Sendable { case malformed, tooManyFields }
    public let code: Code
    /// What was wrong; nothing of the form's content.
    public let message: String
    public var description: String { message }
    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
