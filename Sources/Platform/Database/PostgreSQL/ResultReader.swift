/// Reads the fields of results in binary.
enum ResultReader {
    enum Kind: Sendable { case boolean, small, integer, big, bytes, text }

    /// nil where a type has no place among ours: a fault of the statement's, which must cast it.
    static func kind(oid: UInt32) -> Kind? {
        switch oid {
        case 16: .boolean
        case 21: .small
        case 23: .integer
        case 20: .big
        case 17: .bytes
        // text, varchar, name
        case 25, 1043, 19: .text
        default: nil
        }
    }

    /// nil where the field has another length than its type.
    static func value(_ kind: Kind, _ field: UnsafeRawBufferPointer) -> Value? {
        switch kind {
        case .boolean: field.count == 1 ? .integer(field[0] == 0 ? 0 : 1) : nil
        case .small: load(Int16.self, field).map { .integer(Int64($0)) }
        case .integer: load(Int32.self, field).map { .integer(Int64($0)) }
        case .big: load(Int64.self, field).map { .integer($0) }
        case .bytes: .blob([UInt8](field))
        case .text: .text(String(decoding: field, as: UTF8.self))
        }
    }

    private static func load<Integer: FixedWidthInteger>(
        _ type: Integer.Type, _ field: UnsafeRawBufferPointer
    ) -> Integer? {
        guard field.count == MemoryLayout<Integer>.size else { return nil }
        return Integer(bigEndian: field.loadUnaligned(as: type))
    }
}
