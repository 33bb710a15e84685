/// Why a form cannot be read.
public struct FormError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Whether it is not a form, or has too many fields.
    public enum Code: Sendable { case malformed, tooManyFields }
    public let code: Code
    /// What is wrong, without any content of the form.
    public let message: String
    public var description: String { message }
    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The charset with this label; throws if it is not supported.
    static func charset(_ label: String) throws(FormError) -> Charset {
        guard let charset = Charset(label: label) else {
            throw FormError(
                .malformed, "the charset \(String(label.prefix(40))) is not supported; supported are \(Charset.labels)")
        }
        return charset
    }
}
