import Access
import CommandLine
import Crypto
import Ledger
import Orders

/// `account create`, `account set`, `account list`.
enum AccountCommand {
    static let options = [
        Option("locale", value: "LOCALE", "uk, en or ru: the language where an order names none (default: uk)"),
        Option("country", value: "COUNTRY", "ISO 3166 code for phone numbers without a prefix (default: UA)"),
        Option("time-zone", value: "ZONE", "IANA name; days of statistics are cut by it (default: Europe/Kyiv)"),
        Option("currency", value: "CURRENCY", "ISO 4217 code where an order names none (default: UAH)"),
        Option(
            "fold-keyless", value: "on|off",
            "whether equal orders without a key are taken for one within 60 s (default: on)"),
        Option("api-access", value: "on|off", "whether the plan has API access (default: on)"),
    ]

    static func run(_ base: Base, _ invocation: Invocation) async throws {
        try await base.withLedger { ledger in
            switch invocation.command.path.last {
            case "create": try await create(ledger, invocation)
            case "set": try await change(ledger, invocation)
            default: try await list(ledger)
            }
            try await base.drainOutbox(of: ledger)
        }
    }

    private static func create(_ ledger: Ledger, _ invocation: Invocation) async throws {
        let name = invocation.arguments[0]
        if try await ledger.accounts().contains(where: { $0.name == name }) {
            throw Failure("there is an account named \(name) already: change it with `account set`")
        }
        var account = AccountRecord(id: hexadecimal(randomBytes(8)), name: name)
        try apply(invocation, to: &account)
        try await ledger.put(account)
        print(account.id)
    }

    private static func change(_ ledger: Ledger, _ invocation: Invocation) async throws {
        var account = try await ledger.account(named: invocation.arguments[0])
        try apply(invocation, to: &account)
        try await ledger.put(account)
    }

    private static func list(_ ledger: Ledger) async throws {
        for account in try await ledger.accounts() {
            print(
                account.id, account.name, account.locale, account.country, account.timeZone, account.currency,
                separator: "\t")
        }
    }

    private static func apply(_ invocation: Invocation, to account: inout AccountRecord) throws {
        if let locale = invocation.value("locale") {
            guard ["uk", "en", "ru"].contains(locale) else { throw WrongUse("--locale is uk, en or ru, not \(locale)") }
            account.locale = locale
        }
        if let country = invocation.value("country") {
            guard country.count == 2 else { throw WrongUse("--country is an ISO 3166 code like UA, not \(country)") }
            account.country = country.uppercased()
        }
        if let zone = invocation.value("time-zone") {
            guard TimeZones.isKnown(zone) else {
                throw WrongUse("--time-zone is an IANA name like Europe/Kyiv, not \(zone)")
            }
            account.timeZone = zone
        }
        if let currency = invocation.value("currency") {
            guard let known = Currency(currency) else {
                throw WrongUse("--currency is an ISO 4217 code like UAH, not \(currency)")
            }
            account.currency = known.code
        }
        account.foldsKeyless = try invocation.isOn("fold-keyless") ?? account.foldsKeyless
        account.apiAccess = try invocation.isOn("api-access") ?? account.apiAccess
    }
}

extension Ledger {
    /// The account of this name or id; throws where there is none.
    func account(named name: String) async throws -> AccountRecord {
        let accounts = try await accounts()
        guard let account = accounts.first(where: { $0.name == name || $0.id == name }) else {
            throw Failure("there is no account \(name): create it with `orderrelay account create \(name)`")
        }
        return account
    }
}

extension Invocation {
    /// The value of an option that is `on` or `off`; nil where it was not given.
    func isOn(_ option: String) throws -> Bool? {
        switch value(option) {
        case nil: nil
        case "on": true
        case "off": false
        case let other?: throw WrongUse("--\(option) is on or off, not \(other)")
        }
    }

    /// A whole number from `range`; nil where the option was not given.
    func number(_ option: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw WrongUse("--\(option) is a whole number from \(range.lowerBound) to \(range.upperBound), not \(text)")
        }
        return number
    }
}
