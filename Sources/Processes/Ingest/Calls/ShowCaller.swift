import Access
import HTTP
import JSON
import Orders

/// `GET /me`: a label for connectors, and what the token may do.
enum ShowCaller {
    static func response(_ caller: Caller) -> Response {
        Answer.success { writer in
            writer.object { writer in
                writer.key("account")
                writer.object { writer in
                    writer.member("id", caller.account.id)
                    writer.member("name", caller.account.name)
                    writer.member("locale", caller.account.locale)
                    writer.member("currency", caller.account.currency)
                    writer.member("timeZone", caller.account.timeZone)
                }
                writer.key("token")
                writer.object { writer in
                    writer.member("id", caller.token.id)
                    writer.member("label", caller.token.label)
                    writer.key("scopes")
                    writer.array { writer in
                        for scope in caller.token.scopes { writer.string(scope.rawValue) }
                    }
                    writer.member(
                        "expiresAt", caller.token.expiresAt.map { Timestamp(milliseconds: $0).iso8601 })
                }
            }
        }
    }
}
