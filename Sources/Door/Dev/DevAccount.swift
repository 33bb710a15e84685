import Access
import Crypto
import Ledger
import Orders

/// The account of `dev` and `demo`: one shop, a token, and a connection to the sandbox's CRM.
struct DevAccount: Sendable {
    static let id = "dev"
    static let connectionID = "sandbox"
    /// A limit's id must have 16 bytes.
    private static let author: Author = "dev"
    private static let limitID = "6465760000000000000000000000000a"

    let token: String

    /// Puts account, token and connection into the ledger, or leaves them as they are from an earlier start.
    ///
    /// - Parameters:
    ///   - crmURL: the address of the sandbox's CRM at this start.
    ///   - crmToken: an access token that it accepts.
    init(in ledger: Ledger, data: DataFolder, crmURL: String, crmToken: String, now: Int64) async throws {
        if try await ledger.account(Self.id) == nil {
            try await ledger.put(AccountRecord(id: Self.id, name: "Dev shop"), by: Self.author)
        }
        token = try data.kept("token") { Token(random: randomBytes).text }
        guard let parsed = Token(token) else {
            throw Failure("\(data.path)/token does not hold a token: remove the data folder to start over")
        }
        if try await ledger.token(parsed.id) == nil {
            try await ledger.put(
                TokenRecord(
                    id: parsed.id, account: Self.id, secretDigest: parsed.secretDigest,
                    scopes: [.read, .write], label: "dev", limitID: Self.limitID, limit: 300), by: Self.author)
        }
        let known = try await ledger.connection(Self.connectionID)
        try await ledger.put(
            Connection(
                id: Self.connectionID, account: Self.id, kind: "hubspot", url: crmURL, secret: .opened(crmToken),
                since: known?.since ?? Timestamp(milliseconds: now)), by: Self.author)
    }
}
