/// RFC 2047's encoded words: how a header says what is not ASCII.
enum EncodedWord {
    /// RFC 2047 §2: an encoded word has at most 75 characters, a line that has one at most 76.
    static let wordColumns = 75
    static let lineColumns = 76
    private static let opening = "=?utf-8?B?"
    private static let closing = "?="

    /// Appends `text` as encoded words, folded; each word holds whole characters.
    /// - Parameter column: how many characters the line has already.
    static func append(_ text: String, to output: inout [UInt8], column: Int) {
        var word: [UInt8] = []
        var room = bytesFitting(lineColumns - column)
        func close() {
            guard !word.isEmpty else { return }
            output += opening.utf8
            appendBase64(word, to: &output)
            output += closing.utf8
            word.removeAll(keepingCapacity: true)
        }
        for piece in pieces(of: text) {
            if word.count + piece.count > room {
                close()
                output += [13, 10, 32]
                room = bytesFitting(wordColumns)
            }
            word += piece
        }
        close()
    }

    /// How many bytes a word may hold that takes at most `columns` characters.
    private static func bytesFitting(_ columns: Int) -> Int {
        max(0, (min(columns, wordColumns) - opening.utf8.count - closing.utf8.count) / 4 * 3)
    }

    /// Characters as readers see them (an emoji of several scalars stays whole), or scalars where one is too long for a
    /// word: RFC 2047 §5 forbids to cut within a scalar.
    private static func pieces(of text: String) -> [[UInt8]] {
        text.flatMap { character -> [[UInt8]] in
            let bytes = Array(character.utf8)
            guard bytes.count > bytesFitting(wordColumns) else { return [bytes] }
            return character.unicodeScalars.map { Array(String(Character($0)).utf8) }
        }
    }
}
