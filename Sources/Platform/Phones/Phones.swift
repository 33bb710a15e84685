import CPhones

/// The most characters that are looked at as a phone number; longer text is none.
private let textCountMax = 64

/// The E.164 form (`+380671234567`) of a phone number as people write it; nil where it is no possible valid number.
///
/// libphonenumber, about 20 µs; so text that is E.164 already is only checked for its shape and not given to it.
/// - Parameter country: ISO 3166 code for numbers without a country prefix, `UA`.
public func e164(_ text: String, country: String) -> String? {
    if isE164(text) { return text }
    var text = text
    return text.withUTF8 { bytes in
        guard 1...textCountMax ~= bytes.count else { return nil }
        // E.164 allows 15 digits and a plus; libphonenumber writes no more.
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { output in
            let count = bytes.withMemoryRebound(to: CChar.self) {
                cphones_e164($0.baseAddress, $0.count, country, output.baseAddress, output.count)
            }
            guard count > 0 else { return nil }
            return String(
                decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<count]), as: UTF8.self)
        }
    }
}

/// Whether the text has the shape of E.164: a plus, then 8 to 15 digits, the first of them not 0 (ITU-T E.164, 6.2.1;
/// the shortest subscriber numbers in use abroad have eight digits with their country's).
public func isE164(_ text: String) -> Bool {
    var bytes = text.utf8.makeIterator()
    guard bytes.next() == UInt8(ascii: "+") else { return false }
    var count = 0
    while let byte = bytes.next() {
        guard byte &- 0x30 < 10, count < 15, count > 0 || byte != 0x30 else { return false }
        count += 1
    }
    return count >= 8
}
