import Crypto
import Synchronization

/// Remembers the text with which a token was proven, so that the next request with it needs no decoding and no digest:
/// they were most of what authentication cost.
///
/// It belongs to one value of a ``TokenRecord``; whoever reads a newer record makes a new one. The text stays in memory
/// alone, as it is in each request's head, and neither a log nor a reflection shows it.
public final class ProvenSecret: Sendable, CustomReflectable {
    private final class Text: Sendable {
        let bytes: [UInt8]
        init(_ text: String) { bytes = Array(text.utf8) }
    }
    private let text = AtomicLazyReference<Text>()

    /// Knows no text yet.
    public init() {}

    /// Whether this very text has proven the token before; the comparison's time depends on its length only.
    public func isProven(by candidate: String) -> Bool {
        guard let text = text.load() else { return false }
        var candidate = candidate
        return candidate.withUTF8 { given in
            text.bytes.withUnsafeBytes { isEqualInConstantTime(UnsafeRawBufferPointer(given), $0) }
        }
    }

    /// Notes the text whose secret has the record's digest. The first one stays: a token has one text.
    func remember(_ proof: String) { _ = text.storeIfNil(Text(proof)) }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
