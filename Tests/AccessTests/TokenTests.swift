import Crypto
import Testing

@testable import Access

@Suite("Tokens") struct TokenTests {
    /// All bytes 0xFF: its base64url is full of underscores.
    let token = Token { [UInt8](repeating: $0 == 8 ? 0xA1 : 0xFF, count: $0) }

    @Test("a token's text is read back, also where its secret holds underscores")
    func roundTrip() throws {
        #expect(token.text == "or_a1a1a1a1a1a1a1a1_" + String(repeating: "_", count: 42) + "8")
        #expect(Token(token.text) == token)
        #expect(token.text.utf8.count == 63)
        let another = Token(random: randomBytes)
        #expect(Token(another.text) == another)
        #expect(another != token)
        #expect(token.secretDigest == sha256([UInt8](repeating: 0xFF, count: 32)))
    }

    @Test(
        "what differs in one place is no token",
        arguments: [
            "", "or_", " or_a1a1a1a1a1a1a1a1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "or_a1a1a1a1a1a1a1a1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "or_a1a1a1a1a1a1a1a1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "or_A1a1a1a1a1a1a1a1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "or_g1a1a1a1a1a1a1a1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "or-a1a1a1a1a1a1a1a1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "or_a1a1a1a1a1a1a1a1-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "or_a1a1a1a1a1a1a1a1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
            "or_a1a1a1a1a1a1a1a1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "or_a1a1a1a1a1a1a1a1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
        ])
    func malformed(text: String) { #expect(Token(text) == nil) }

    @Test("neither a description nor a dump shows the secret")
    func noSecretShown() {
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped] {
            #expect(!text.contains("____") && !text.contains("255"), "\(text)")
        }
    }
}
