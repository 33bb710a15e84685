import Crypto
import Database
import Orders

/// An event's attributes as columns hold them.
struct EventColumns {
    var id: String
    var account: String
    var key: String
    var type: String
    var time: Timestamp
    var digest: Digest
    var traceparent: String?

    /// The event, rebuilt as if it were read from its topic.
    func event(body: [UInt8]) throws(LedgerError) -> Event {
        do throws(EventError) {
            return try Event(headers: headers, value: body)
        } catch {
            throw LedgerError(.other, "ledger: event \(id) cannot be read any more: \(error)")
        }
    }

    private var headers: [(name: String, value: [UInt8])] {
        var headers: [(name: String, value: [UInt8])] = [
            ("ce_specversion", Array("1.0".utf8)), ("ce_id", Array(id.utf8)), ("ce_type", Array(type.utf8)),
            ("ce_source", Array("/accounts/\(account)".utf8)), ("ce_subject", Array(key.utf8)),
            ("ce_time", Array(time.iso8601.utf8)), ("content-type", Array("application/json".utf8)),
        ]
        if let traceparent { headers.append(("traceparent", Array(traceparent.utf8))) }
        return headers
    }
}

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
        let columns = EventColumns(
            id: id, account: account, key: key, type: type, time: time, digest: digest,
            traceparent: try reader.textOrNull())
        self.init(event: try columns.event(body: reader.blob()), source: source, offset: offset, sequence: sequence)
    }
}
