import Glibc

/// Writes the parameters of a pipeline's statements into one buffer, before the first of them is sent: a program that
/// stopped half-way would hold what the server has locked for it.
///
/// Scalars go as texts, which the server takes for whatever type it expects; bytes and arrays in binary.
struct ParameterWriter {
    /// Bytes of one pipeline. libpq and the server hold them again, the server 1 GiB at most.
    static let bytesMaximum = 256 << 20

    struct Parameter: Equatable {
        /// Where in the buffer it starts; nil: NULL.
        var start: Int?
        var count: Int
        var isBinary: Bool
    }

    private(set) var bytes: [UInt8] = []
    private(set) var parameters: [Parameter] = []

    mutating func write(_ value: Value) throws(DatabaseError) {
        switch value {
        case .null:
            parameters.append(Parameter(start: nil, count: 0, isBinary: false))
        case .integer(let integer):
            writeTerminated { bytes in bytes.append(contentsOf: String(integer).utf8) }
        case .text(let text):
            writeTerminated { bytes in Self.append(text, to: &bytes) }
        case .blob(let blob):
            writeBinary { bytes in bytes.append(contentsOf: blob) }
        }
        try check()
    }

    /// Lets go of what was written after there were so many bytes and parameters.
    mutating func truncate(bytes byteCount: Int, parameters parameterCount: Int) {
        bytes.removeLast(bytes.count - byteCount)
        parameters.removeLast(parameters.count - parameterCount)
    }

    /// One column of the rows, as an array.
    mutating func write(column: SQL.Column, at index: Int, of rows: [[Value]]) throws(DatabaseError) {
        let start = bytes.count
        var writer = ArrayWriter(kind: column.kind, count: rows.count)
        for row in rows {
            guard index < row.count, writer.append(row[index], to: &bytes) else {
                throw DatabaseError(
                    .statement, "a row has no \(column.kind) for its column \(column.name)", isRetriable: false)
            }
            try check()
        }
        writer.end(&bytes)
        parameters.append(Parameter(start: start, count: bytes.count - start, isBinary: true))
    }

    private mutating func writeTerminated(_ body: (inout [UInt8]) -> Void) {
        let start = bytes.count
        body(&bytes)
        parameters.append(Parameter(start: start, count: bytes.count - start, isBinary: false))
        bytes.append(0)
    }

    private mutating func writeBinary(_ body: (inout [UInt8]) -> Void) {
        let start = bytes.count
        body(&bytes)
        parameters.append(Parameter(start: start, count: bytes.count - start, isBinary: true))
    }

    private func check() throws(DatabaseError) {
        guard bytes.count <= Self.bytesMaximum else {
            throw DatabaseError(
                .data, "the values of a transaction are more than \(Self.bytesMaximum >> 20) MiB", isRetriable: false)
        }
    }

    /// PostgreSQL's texts hold no U+0000: U+FFFD takes its place.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        guard bytes.withUnsafeBytes({ start < $0.count && memchr($0.baseAddress! + start, 0, $0.count - start) != nil })
        else { return }
        let replaced = bytes[start...].split(separator: 0, omittingEmptySubsequences: false).joined(
            separator: "\u{FFFD}".utf8)
        bytes.replaceSubrange(start..., with: Array(replaced))
    }
}
