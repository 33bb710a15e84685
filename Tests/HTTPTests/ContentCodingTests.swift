import CZlib
@testable import HTTP
import Testing

/// zlib's form of some bytes, by zlib itself.
private func zlibbed(_ bytes: [UInt8]) -> [UInt8] {
    var count = compressBound(UInt(bytes.count))
    let room = Int(count)
    return [UInt8](unsafeUninitializedCapacity: room) { buffer, used in
        let status = compress2(buffer.baseAddress, &count, bytes, UInt(bytes.count), 9)
        precondition(status == Z_OK)
        used = Int(count)
    }
}

/// What is inside of zlib's form.
private func raw(_ bytes: [UInt8]) -> [UInt8] { Array(zlibbed(bytes).dropFirst(2).dropLast(4)) }

/// One member of gzip's form (RFC 1952, 2.3).
private func gzipped(_ bytes: [UInt8]) -> [UInt8] {
    let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    func littleEndian(_ value: UInt) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
    return head + raw(bytes) + littleEndian(crc32(0, bytes, UInt32(bytes.count))) + littleEndian(UInt(bytes.count))
}

@Suite("Compressed bodies")
struct ContentCodingTests {
    private func decoded(_ coding: String, _ bytes: [UInt8], maximum: Int = 256 * 1024) throws -> [UInt8] {
        try #require(try ContentCoding(coding)).decoded(bytes, bytesMaximum: maximum)
    }

    @Test(
        "what was compressed is read, whatever it is and however long", arguments: [0, 1, 100, 16_384, 16_385, 200_000])
    func read(count: Int) throws {
        var state: UInt32 = 7
        let bytes = (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 27)
        }
        #expect(try decoded("gzip", gzipped(bytes)) == bytes)
        #expect(try decoded("x-gzip", gzipped(bytes)) == bytes)
        #expect(try decoded("Deflate", zlibbed(bytes)) == bytes)
        #expect(try decoded("deflate", raw(bytes)) == bytes)
    }

    @Test("members behind each other are one body, and anything else behind one is refused")
    func members() throws {
        #expect(try decoded("gzip", gzipped([1, 2]) + gzipped([3])) == [1, 2, 3])
        #expect(throws: CodingError.broken) { try decoded("gzip", gzipped([1, 2]) + [0, 0]) }
        #expect(throws: CodingError.broken) { try decoded("deflate", zlibbed([1, 2]) + [0]) }
    }

    @Test("a body cut short at any byte, or with any byte changed in its check, is refused, never read half")
    func broken() throws {
        let whole = gzipped(Array("an order of a shop, an order of a shop".utf8))
        for count in 0..<whole.count {
            #expect(throws: CodingError.broken, "\(count)") { try decoded("gzip", Array(whole[..<count])) }
        }
        for place in whole.count - 8..<whole.count {
            var changed = whole
            changed[place] ^= 1
            #expect(throws: CodingError.broken) { try decoded("gzip", changed) }
        }
        #expect(throws: CodingError.broken) { try decoded("gzip", Array(#"{"email":"a@b.ua"}"#.utf8)) }
    }

    @Test("a bomb ends at the bound, by size and by ratio")
    func bombs() throws {
        let bomb = gzipped([UInt8](repeating: 0, count: 50_000_000))
        #expect(bomb.count < 60_000)
        for maximum in [1_000, 256 * 1024, 1_000_000_000] {
            #expect { try decoded("gzip", bomb, maximum: maximum) } throws: { ($0 as? CodingError)?.code == .tooLarge }
        }
        let most = [UInt8](repeating: 0, count: 1_000)
        #expect(try decoded("gzip", gzipped(most), maximum: 1_000) == most)
        #expect { try decoded("gzip", gzipped(most + [0]), maximum: 1_000) } throws: {
            ($0 as? CodingError)?.code == .tooLarge
        }
    }

    @Test("identity is no coding; others and several are refused by name")
    func names() throws {
        for name in [nil, "", "identity", " Identity "] { #expect(try ContentCoding(name) == nil) }
        for name in ["br", "zstd", "gzip, gzip", "compress", "GZIP;q=1"] {
            #expect { try ContentCoding(name) } throws: { error in
                (error as? CodingError)?.code == .unknown && "\(error)".contains(name)
            }
        }
    }
}
