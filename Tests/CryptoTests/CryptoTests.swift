import Testing

@testable import Crypto

@Suite("Hashes")
struct HashTests {
    @Test("SHA-256 gives the digests of FIPS 180-4's examples")
    func sha256Vectors() {
        #expect(sha256([]).description == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            sha256(Array("abc".utf8)).description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            sha256(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)).description
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }

    @Test("many threads hash at once and none gets another's digest")
    func sha256Concurrently() async {
        let expected = (0..<32).map { sha256([UInt8](repeating: UInt8($0), count: 100)) }
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<32 {
                group.addTask {
                    (0..<200).allSatisfy { _ in
                        sha256([UInt8](repeating: UInt8(number), count: 100)) == expected[number]
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test("HMAC-SHA-256 gives RFC 4231's digests")
    func hmacVectors() {
        #expect(
            hmacSHA256(Array("Hi There".utf8), key: [UInt8](repeating: 0x0b, count: 20)).description
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            hmacSHA256(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)).description
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            hmacSHA256(
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                key: [UInt8](repeating: 0xaa, count: 131)
            ).description == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test("an empty key is a key, not the one of the call before")
    func hmacEmptyKey() {
        _ = hmacSHA256([1, 2, 3], key: [9, 9, 9])
        #expect(
            hmacSHA256([], key: []).description == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test("a digest is read back from its hexadecimal form, and from no other text")
    func digestFromText() {
        let digest = sha256([1])
        #expect(Digest(hexadecimal: digest.description) == digest)
        #expect(Digest(hexadecimal: "abcd") == nil)
    }
}

@Suite("Bytes as text")
struct TextTests {
    @Test("hexadecimal is lower case and read in either case")
    func hexadecimalBothWays() {
        #expect(hexadecimal([0x00, 0xab, 0xff]) == "00abff")
        #expect(bytes(hexadecimal: "00abFF") == [0x00, 0xab, 0xff])
        #expect(bytes(hexadecimal: "") == [])
        #expect(bytes(hexadecimal: "abc") == nil)
        #expect(bytes(hexadecimal: "0g") == nil)
        #expect(bytes(hexadecimal: "0 ") == nil)
    }

    @Test(
        "base64url gives RFC 4648's texts without padding",
        arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")])
    func base64URLVectors(plain: String, text: String) {
        #expect(base64URL(Array(plain.utf8)) == text)
        #expect(bytes(base64URL: text) == Array(plain.utf8))
    }

    @Test("base64url uses - and _, and comes back whole for every length")
    func base64URLRoundTrip() {
        #expect(base64URL([0xfb, 0xff]) == "-_8")
        for count in 0..<70 {
            let plain = randomBytes(count)
            #expect(bytes(base64URL: base64URL(plain)) == plain)
        }
    }

    @Test(
        "padding, other alphabets, lone digits and stray bits are no base64url",
        arguments: ["Zg==", "+/", "Z", "Zh", "Zm9v\n"])
    func base64URLRefused(text: String) {
        #expect(bytes(base64URL: text) == nil)
    }
}

@Suite("Secrets")
struct SecretTests {
    @Test("equal means equal in every byte and in length")
    func constantTimeEquality() {
        func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
            one.withUnsafeBytes { one in other.withUnsafeBytes { isEqualInConstantTime(one, $0) } }
        }
        #expect(isEqual([1, 2, 3], [1, 2, 3]))
        #expect(isEqual([], []))
        #expect(!isEqual([1, 2, 3], [1, 2, 4]))
        #expect(!isEqual([1, 2, 3], [1, 2]))
        #expect(sha256([1]).isEqualInConstantTime(to: sha256([1])))
        #expect(!sha256([1]).isEqualInConstantTime(to: sha256([2])))
    }

    @Test("random bytes come in the number asked for and are not the same twice")
    func random() {
        #expect(randomBytes(0) == [])
        #expect(randomBytes(32).count == 32)
        #expect(randomBytes(32) != randomBytes(32))
    }

    @Test("what is sealed opens under its key and context, and has another box each time")
    func sealing() throws {
        let key = try SealingKey([UInt8](repeating: 7, count: 32))
        let secret = Array("token of a shop".utf8)
        let box = try key.seal(secret, context: "connection/1")
        #expect(try key.open(box, context: "connection/1") == secret)
        #expect(try key.seal(secret, context: "connection/1") != box)
        #expect(box.count == 12 + secret.count + 16)
        let empty = try key.seal([], context: "")
        #expect(try key.open(empty, context: "") == [])
    }

    @Test("a box opens under no other context, no other key, and with no bit changed")
    func sealingRefusals() throws {
        let key = try SealingKey([UInt8](repeating: 7, count: 32))
        let box = try key.seal([1, 2, 3], context: "connection/1")
        #expect(throws: CryptoError.self) { try key.open(box, context: "connection/2") }
        let other = try SealingKey([UInt8](repeating: 8, count: 32))
        #expect(throws: CryptoError.self) { try other.open(box, context: "connection/1") }
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(throws: CryptoError.self) { try key.open(changed, context: "connection/1") }
        }
        #expect(throws: CryptoError.self) { try key.open(Array(box.prefix(27)), context: "connection/1") }
    }

    @Test("AES-256-GCM opens what another implementation sealed")
    func sealingVector() throws {
        // Test case 16's key, nonce and plain text of McGrew and Viega's GCM specification, appendix B, without
        // additional data (its test case 15).
        let key = try SealingKey(
            #require(bytes(hexadecimal: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")))
        let box =
            "cafebabefacedbaddecaf888"
            + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
            + "b094dac5d93471bdec1a502270e3cc6c"
        let plain =
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
        #expect(try key.open(#require(bytes(hexadecimal: box)), context: "") == bytes(hexadecimal: plain))
    }

    @Test("a value names its key by an id that is the same everywhere, and opens with that key beside a newer one")
    func keys() throws {
        let (old, new) = (
            try SealingKey([UInt8](repeating: 7, count: 32)), try SealingKey([UInt8](repeating: 8, count: 32))
        )
        // Values that were sealed name it: it must never change.
        #expect(old.id == "605eb5dd2209385b")
        #expect(new.id != old.id)
        let both = SealingKeys(new, older: old)
        let sealed = try SealingKeys(old).seal([1, 2, 3], context: "c1")
        #expect(SealingKeys.keyID(of: sealed) == old.id && !both.isPresent(sealed))
        #expect(try both.open(sealed, context: "c1") == SealingKeys.Opened(plain: [1, 2, 3], keyID: old.id))
        let resealed = try both.seal([1, 2, 3], context: "c1")
        #expect(both.isPresent(resealed))
        #expect(try SealingKeys(new).open(resealed, context: "c1").plain == [1, 2, 3])
        let error = #expect(throws: CryptoError.self) { try SealingKeys(new).open(sealed, context: "c1") }
        #expect(error?.message == "it was sealed with the key \(old.id), and this process has \(new.id)")
        // What versions before sealed names no key.
        let plain = try old.seal([1, 2, 3], context: "c1")
        #expect(SealingKeys.keyID(of: plain) == nil)
        #expect(try both.open(plain, context: "c1") == SealingKeys.Opened(plain: [1, 2, 3], keyID: old.id))
        #expect(throws: CryptoError.self) { try SealingKeys(new).open(plain, context: "c1") }
    }

    @Test("a value opens for no other context, under no other name, and with no bit changed")
    func keyRefusals() throws {
        let keys = SealingKeys(
            try SealingKey([UInt8](repeating: 8, count: 32)), older: try SealingKey([UInt8](repeating: 7, count: 32)))
        let value = try keys.seal([1, 2, 3], context: "c1")
        #expect(throws: CryptoError.self) { try keys.open(value, context: "c2") }
        for index in value.indices {
            var changed = value
            changed[index] ^= 1
            #expect(throws: CryptoError.self) { try keys.open(changed, context: "c1") }
        }
        for count in 0..<value.count {
            #expect(throws: CryptoError.self) { try keys.open(Array(value.prefix(count)), context: "c1") }
        }
        // Without its name it is none of the version before either.
        #expect(throws: CryptoError.self) { try keys.open(Array(value.dropFirst(12)), context: "c1") }
    }

    @Test("a key of another length is refused")
    func keyLength() {
        #expect(throws: CryptoError.self) { try SealingKey([1, 2, 3]) }
    }
}
