import RegexBuilder

/// Makes a receiver's text safe for the ledger, the logs and the timeline.
public enum ForeignText {
    /// How much of a server's text is kept, in characters.
    static let charactersMaximum = 300

    /// Text that looks like a code (`VALIDATION_ERROR`); nil for anything else, since it may be personal.
    public static func code(_ text: String?) -> String? {
        guard let text, text.utf8.count <= 60,
            text.allSatisfy({ $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") })
        else { return nil }
        return text
    }

    /// A server's words without the buyer: `550 5.1.1 <…>: no such user`. Servers repeat the address, its part before
    /// the `@` within paths and sentences, even the message's header with the name; and what they say goes to the
    /// ledger, the logs and the timeline.
    /// - Parameters:
    ///   - address: the recipient's.
    ///   - name: the recipient's, as in the message; nil if it had none.
    public static func maskingBuyer(in text: String, of address: String, name: String? = nil) -> String {
        var masked = maskingAddresses(in: text.replacing(#/=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=/#, with: "…"))
        let local = address.prefix { $0 != "@" }
        let words = [local] + (name ?? "").split { $0.isWhitespace || $0.isPunctuation }
        // The longer ones first: one may be a part of another.
        for word in words.sorted(by: { $0.count > $1.count }) where word.count > 1 {
            masked = masked.replacing(Regex { String(word) }.ignoresCase(), with: "…")
        }
        return String(masked.prefix(charactersMaximum))
    }

    /// The text without words that are e-mail addresses.
    private static func maskingAddresses(in text: String) -> String {
        var masked = ""
        var word = ""
        func endWord() {
            masked += word.contains("@") ? "…" : word
            word = ""
        }
        for character in text {
            if character.isWhitespace || "<>()[],;:\"'".contains(character) {
                endWord()
                masked.append(character)
            } else {
                word.append(character)
            }
        }
        endWord()
        return masked
    }
}
