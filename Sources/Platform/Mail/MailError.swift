/// What is wrong with a message, or with the way to its server.
public struct MailError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable { case invalidHeader, invalidAddress, invalidURL }
    public let code: Code
    /// Free of personal data.
    public let message: String
    public var description: String { message }
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
