import Crypto
import Database
import Events

extension StoredEvent {
    /// Reads the columns of ``EventStatements``.
    init(_ reader: inout RowReader) throws(LedgerError) {
        let sequence = try reader.integer()
        let id = try reader.text()
        let account = try reader.text()
        let key = try reader.text()
        let source = LogPartition(
            cluster: try reader.text(), topic: try reader.text(), partition: Int32(clamping: try reader.integer()))
        let offset = try reader.integer()
        let type = try reader.text()
        let time = Timestamp(milliseconds: try reader.integer())
        guard let digest = try Digest(row: reader.blobOrNull()) else { throw reader.unreadable }
        let event = Envelope(
            id: id, type: type, account: account, subject: key, time: time, digest: digest,
            traceparent: try reader.textOrNull(), value: try reader.blob())
        self.init(event: event, source: source, offset: offset, sequence: sequence)
    }
}
