/// Writes an array of one dimension as PostgreSQL receives it in binary (array_recv): dimensions, whether there are NULLs,
/// the elements' type; length and lower bound; and for each element its length, -1 for NULL, and its bytes.
struct ArrayWriter {
    private let kind: SQL.Column.Kind
    private let count: Int
    private var start: Int?
    private var hasNull = false

    init(kind: SQL.Column.Kind, count: Int) {
        self.kind = kind
        self.count = count
    }

    /// False where the value is of another kind than the array's.
    mutating func append(_ value: Value, to bytes: inout [UInt8]) -> Bool {
        begin(&bytes)
        switch (value, kind) {
        case (.null, _):
            hasNull = true
            Self.append(-1, to: &bytes)
        case (.integer(let integer), .integer):
            Self.append(8, to: &bytes)
            withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
        case (.text(let text), .text):
            let place = bytes.count
            Self.append(0, to: &bytes)
            ParameterWriter.append(text, to: &bytes)
            Self.put(Int32(bytes.count - place - 4), at: place, in: &bytes)
        case (.blob(let blob), .blob):
            Self.append(Int32(blob.count), to: &bytes)
            bytes.append(contentsOf: blob)
        default:
            return false
        }
        return true
    }

    /// Writes what could not be known before.
    mutating func end(_ bytes: inout [UInt8]) {
        begin(&bytes)
        guard let start else { return }
        Self.put(hasNull ? 1 : 0, at: start + 4, in: &bytes)
    }

    private mutating func begin(_ bytes: inout [UInt8]) {
        guard start == nil else { return }
        start = bytes.count
        Self.append(count == 0 ? 0 : 1, to: &bytes)
        Self.append(0, to: &bytes)
        Self.append(Int32(bitPattern: kind.oid), to: &bytes)
        guard count > 0 else { return }
        Self.append(Int32(count), to: &bytes)
        Self.append(1, to: &bytes)
    }

    private static func append(_ integer: Int32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func put(_ integer: Int32, at place: Int, in bytes: inout [UInt8]) {
        withUnsafeBytes(of: integer.bigEndian) {
            for (offset, byte) in $0.enumerated() { bytes[place + offset] = byte }
        }
    }
}
