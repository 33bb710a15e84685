import Access
import Control
import HTTP
import JSON
import Orders

extension Endpoint {
    /// A label for connectors, and what the token may do.
    static func showCaller(_: Services) -> Endpoint {
        Endpoint("showCaller", .get, path: "/me", scope: .read, summary: "the account and the token") { call in
            let (account, token) = (call.caller.account, call.caller.token)
            return Answer.success { writer in
                writer.object { writer in
                    writer.key("account")
                    write(account, &writer)
                    writer.key("token")
                    write(token, &writer)
                }
            }
        }
    }
}

private func write(_ account: AccountRecord, _ writer: inout JSONWriter) {
    writer.object { writer in
        writer.member("id", account.id)
        writer.member("name", account.name)
        writer.member("locale", account.locale)
        writer.member("currency", account.currency)
        writer.member("timeZone", account.timeZone)
    }
}

private func write(_ token: TokenRecord, _ writer: inout JSONWriter) {
    writer.object { writer in
        writer.member("id", token.id)
        writer.member("label", token.label)
        writer.key("scopes")
        writer.array { writer in
            for scope in token.scopes { writer.string(scope.rawValue) }
        }
        writer.member("expiresAt", token.expiresAt.map { Timestamp(milliseconds: $0).iso8601 })
    }
}
