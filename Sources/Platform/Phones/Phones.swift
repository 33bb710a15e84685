import CPhones

/// The longest text that is considered as a phone number, in bytes.
private let textCountMaximum = 64

/// The E.164 form (`+380671234567`) of a phone number as people write it, one form for one number; nil if it is not
/// one.
///
/// libphonenumber, about 20 µs; so a number that is Ukrainian E.164 already is not passed to it.
/// - Parameter country: ISO 3166 code for numbers without a country prefix, `UA`.
public func e164(_ text: String, country: String) -> String? {
    if isUkrainian(text) { return text }
    if country == "UA", isCutShort(text) { return nil }
    if let number = parsed(text, country: country) { return number }
    // The trunk prefix of Soviet times, 8 before the 0, is still written: 8 067 123-45-67.
    guard country == "UA", text.utf8.first == UInt8(ascii: "8") else { return nil }
    return parsed(String(text.dropFirst()), country: country)
}

/// Whether it begins with Ukraine's code and has too few digits: otherwise what follows would be taken for an area
/// code.
private func isCutShort(_ text: String) -> Bool {
    let digits = text.utf8.filter { $0 &- 0x30 < 10 }
    return digits.count < 12 && digits.starts(with: "380".utf8) && text.utf8.count <= textCountMaximum
}

private func parsed(_ text: String, country: String) -> String? {
    let isInternational: Int32 = text.utf8.first == UInt8(ascii: "+") ? 1 : 0
    var text = text
    return text.withUTF8 { bytes in
        guard 1...textCountMaximum ~= bytes.count else { return nil }
        // E.164 allows 15 digits and a plus; libphonenumber writes no more.
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { output in
            let count = bytes.withMemoryRebound(to: CChar.self) {
                cphones_e164(
                    $0.baseAddress, $0.count, country, isInternational, output.baseAddress, output.count)
            }
            guard count > 0 else { return nil }
            return String(
                decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<count]), as: UTF8.self)
        }
    }
}

/// Whether the text is +380 and nine digits with a valid beginning.
private func isUkrainian(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
        guard bytes.count == 13, bytes.starts(with: "+380".utf8), bytes[4...].allSatisfy({ $0 &- 0x30 < 10 }) else {
            return false
        }
        return bytes[4] >= UInt8(ascii: "3")
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
