/// What is wrong with a message, or with the way to its server.
public struct MailError: Error, Sendable, CustomStringConvertible {
    /// What is wrong: a field of the head, an address, or the server's URL.
    public enum Code: Sendable, Equatable { case invalidHeader, invalidAddress, invalidURL }
    public let code: Code
    /// What is wrong, without personal data.
    public let message: String
    public var description: String { message }
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
