import FoundationEssentials

/// A record of topic `control`, which every ingest process reads. The key is `kind/id`; a tombstone deletes. No
/// secrets.
public enum ControlRecord: Sendable, Equatable {
    case account(AccountRecord)
    case token(TokenRecord)
    case limit(LimitSetting)
    case restriction(RestrictionRecord)

    /// The schema number that this program writes; it reads every older one.
    public static let schema = 1

    /// `account/<id>`, `token/<id>`, `limit/<limit id>`, `restriction/<limit id>`.
    public var key: String {
        switch self {
        case .account(let record): "\(Kind.account.rawValue)/\(record.id)"
        case .token(let record): "\(Kind.token.rawValue)/\(record.id)"
        case .limit(let record): "\(Kind.limit.rawValue)/\(record.limitID)"
        case .restriction(let record): "\(Kind.restriction.rawValue)/\(record.limitID)"
        }
    }

    /// JSON, its members in alphabetical order.
    public func encoded() -> [UInt8] {
        switch self {
        case .account(let record): Self.encode(record)
        case .token(let record): Self.encode(record)
        case .limit(let record): Self.encode(record)
        case .restriction(let record): Self.encode(record)
        }
    }

    /// Decodes a record; nil for a kind that this program does not know (skipped and counted).
    ///
    /// - Throws: ``ControlRecordError`` if the value cannot be decoded, has a newer schema, or belongs to another key.
    public init?(key: String, value: [UInt8]) throws {
        guard let slash = key.firstIndex(of: "/"), let kind = Kind(rawValue: String(key[..<slash])) else { return nil }
        let schema: Int
        do {
            schema = try JSONDecoder().decode(Schema.self, from: Data(value)).schema
        } catch { throw ControlRecordError.malformed(key: key) }
        guard schema <= Self.schema else { throw ControlRecordError.newerSchema(key: key, schema: schema) }
        do {
            switch kind {
            case .account: self = .account(try JSONDecoder().decode(AccountRecord.self, from: Data(value)))
            case .token: self = .token(try JSONDecoder().decode(TokenRecord.self, from: Data(value)))
            case .limit: self = .limit(try JSONDecoder().decode(LimitSetting.self, from: Data(value)))
            case .restriction: self = .restriction(try JSONDecoder().decode(RestrictionRecord.self, from: Data(value)))
            }
        } catch { throw ControlRecordError.malformed(key: key) }
        guard self.key == key else { throw ControlRecordError.malformed(key: key) }
    }

    private enum Kind: String { case account, token, limit, restriction }

    private struct Schema: Codable { var schema: Int }

    /// A record's members, and beside them its schema number.
    private struct Numbered<Record: Encodable>: Encodable {
        var record: Record
        func encode(to encoder: any Encoder) throws {
            try record.encode(to: encoder)
            try Schema(schema: ControlRecord.schema).encode(to: encoder)
        }
    }

    private static func encode(_ record: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(Numbered(record: record)))
        } catch {
            preconditionFailure("a record of texts and integers cannot be encoded: \(error)")
        }
    }
}

/// Why a record of topic `control` could not be read. The key is an id, no secret.
public enum ControlRecordError: Error, Sendable, Equatable, CustomStringConvertible {
    case malformed(key: String)
    case newerSchema(key: String, schema: Int)

    public var description: String {
        switch self {
        case .malformed(let key): "the record \(key) of topic control cannot be decoded"
        case .newerSchema(let key, let schema):
            "the record \(key) of topic control has schema \(schema), this program reads up to \(ControlRecord.schema): "
                + "run a newer program"
        }
    }
}
