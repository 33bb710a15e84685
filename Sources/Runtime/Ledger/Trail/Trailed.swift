import Access
import Orders

/// What the audit trail records of each record, under names of its own. A test compares them with the records' members.
enum Trailed {
    /// Longer values are cut.
    static let charactersMaximum = 2_000
    /// Of one replay; the others are counted.
    private static let ordersMaximum = 50

    static func members(_ account: AccountRecord) -> [String: String] {
        [
            "name": PersonalText.masked(account.name), "locale": account.locale, "country": account.country,
            "timeZone": account.timeZone,
            "currency": account.currency, "apiAccess": "\(account.apiAccess)",
            "foldsKeyless": "\(account.foldsKeyless)",
        ]
    }

    /// Without what its secret can be known by.
    static func members(_ token: TokenRecord) -> [String: String] {
        var members = [
            "scopes": token.scopes.map(\.rawValue).joined(separator: " "), "label": PersonalText.masked(token.label),
            "limitID": token.limitID, "limit": "\(token.limit)",
        ]
        members["expiresAt"] = token.expiresAt.map { Timestamp(milliseconds: $0).iso8601 }
        members["revokedAt"] = token.revokedAt.map { Timestamp(milliseconds: $0).iso8601 }
        return members
    }

    static func members(_ limit: LimitSetting) -> [String: String] { ["limit": "\(limit.limit)"] }

    static func members(_ connection: Connection) -> [String: String] {
        var members = connection.options.reduce(into: [:]) { $0["options.\($1.key)"] = cut($1.value) }
        members["kind"] = connection.kind
        members["url"] = cut(PersonalText.withoutCredentials(connection.url))
        members["isEnabled"] = "\(connection.isEnabled)"
        members["since"] = connection.since.iso8601
        return members
    }

    static func members(_ retention: Retention) -> [String: String] {
        [
            "days": "\(retention.days)", "ordersDays": retention.ordersDays.map { "\($0)" } ?? "forever",
            "auditDays": retention.auditDays.map { "\($0)" } ?? "forever",
        ]
    }

    static func members(_ selection: ReplaySelection) -> [String: String] {
        var members = [
            "states": selection.states.map(\.rawValue).sorted().joined(separator: " "), "again": "\(selection.again)",
        ]
        if !selection.orders.isEmpty {
            let named = selection.orders.prefix(ordersMaximum).map(\.text).joined(separator: " ")
            let others = selection.orders.count - ordersMaximum
            members["orders"] = others > 0 ? "\(named) and \(others) more" : named
        }
        members["worker"] = selection.worker
        members["destination"] = selection.destination?.text
        members["connection"] = selection.connection
        members["from"] = selection.from?.iso8601
        members["to"] = selection.to?.iso8601
        members["reason"] = selection.reason.map { cut(PersonalText.masked($0)) }
        return members
    }

    static func cut(_ text: String) -> String { String(text.prefix(charactersMaximum)) }
}

/// Texts that people write freely: what looks like a person's data does not go on.
enum PersonalText {
    /// A phone's digits at least.
    private static let phoneDigitsMinimum = 7

    /// Without words that are e-mail addresses or phone numbers.
    static func masked(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            if word.contains("@") { return "…" }
            let isNumber = word.allSatisfy { $0.isWholeNumber || "+-().".contains($0) }
            return isNumber && word.count(where: \.isWholeNumber) >= phoneDigitsMinimum ? "…" : String(word)
        }.joined(separator: " ")
    }

    /// An address without a login, and without what follows a `?`.
    static func withoutCredentials(_ url: String) -> String {
        let address = url.prefix { $0 != "?" && $0 != "#" }
        let hidden = address.count < url.count ? "?…" : ""
        guard let scheme = address.firstRange(of: "://") else { return address + hidden }
        let rest = address[scheme.upperBound...]
        guard let at = rest.lastIndex(of: "@") else { return address + hidden }
        return address[..<scheme.upperBound] + "…" + rest[at...] + hidden
    }
}
