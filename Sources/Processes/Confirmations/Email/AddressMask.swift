/// A server's words without e-mail addresses: `550 5.1.1 <…>: no such user`. Servers repeat the address, and what they
/// say goes to the ledger, the logs and the timeline.
/// - Parameter address: the recipient's; its part before the `@` is taken out too where it stands alone.
func maskingAddresses(in text: String, of address: String) -> String {
    let local = address.split(separator: "@").first.map { $0.lowercased() } ?? ""
    var masked = ""
    var word = ""
    func endWord() {
        let isAddress = word.contains("@") || word.lowercased() == local
        masked += isAddress ? "…" : word
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
    return String(masked.prefix(answerCharactersMaximum))
}

/// What is kept of a server's words.
private let answerCharactersMaximum = 300
