import FoundationEssentials
import JSON

/// A receipt's members as a JSON object of strings, its keys in order.
enum Receipt {
    static func text(_ members: [String: String]) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += string(member.key)
            bytes.append(UInt8(ascii: ":"))
            bytes += string(member.value)
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func string(_ text: String) -> [UInt8] {
        var writer = JSONWriter(capacity: text.utf8.count + 8)
        writer.string(text)
        return writer.bytes
    }

    static func members(_ text: String) throws(LedgerError) -> [String: String] {
        do {
            return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        } catch { throw .unreadable("a receipt") }
    }
}
