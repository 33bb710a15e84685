import Access
import CommandLine
import Crypto
import Ledger
import Orders

/// `account create`, `account set`, `account list`.
enum AccountCommand {
    static let actions = [
        action(Command("account create", arguments: ["NAME"], options: options, "creates an account"), create),
        action(Command("account set", arguments: ["NAME"], options: options, "changes an account's settings"), change),
        Action(Command("account list", "lists the accounts")) { base, _ in
            try await base.withLedger { try await list($0) }
        },
    ]

    private static let options = [
        Option("locale", value: "LOCALE", "uk, en or ru: the language of orders that name none (default: uk)"),
        Option("country", value: "COUNTRY", "ISO 3166 code for phone numbers without a prefix (default: UA)"),
        Option("time-zone", value: "ZONE", "IANA name: defines the days of statistics (default: Europe/Kyiv)"),
        Option("currency", value: "CURRENCY", "ISO 4217 code: the currency of orders that name none (default: UAH)"),
        Option(
            "fold-keyless", value: "on|off",
            "whether equal orders without a key within 60 s count as one (default: on)"),
        Option("api-access", value: "on|off", "whether the plan has API access (default: on)"),
    ]

    private static func action(
        _ command: Command, _ run: @escaping @Sendable (Ledger, Invocation) async throws -> Void
    ) -> Action {
        Action(changing: command) { base, invocation in
            try await base.withLedger { ledger in
                try await run(ledger, invocation)
                try await base.drainOutbox(of: ledger)
            }
        }
    }

    private static func create(_ ledger: Ledger, _ invocation: Invocation) async throws {
        let name = invocation.arguments[0]
        if try await ledger.accounts().contains(where: { $0.name == name }) {
            throw Failure("an account named \(name) exists already: change it with `orderrelay account set`")
        }
        var account = AccountRecord(id: hexadecimal(randomBytes(8)), name: name)
        try apply(invocation, to: &account)
        try await ledger.put(account, by: invocation.author())
        print(account.id)
    }

    private static func change(_ ledger: Ledger, _ invocation: Invocation) async throws {
        var account = try await ledger.account(named: invocation.arguments[0])
        try apply(invocation, to: &account)
        try await ledger.put(account, by: invocation.author())
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
            guard ["uk", "en", "ru"].contains(locale) else {
                throw WrongUse("--locale must be uk, en or ru, not \(locale)")
            }
            account.locale = locale
        }
        if let country = invocation.value("country") {
            guard country.count == 2 else {
                throw WrongUse("--country must be an ISO 3166 code like UA, not \(country)")
            }
            account.country = country.uppercased()
        }
        if let zone = invocation.value("time-zone") {
            guard TimeZones.isKnown(zone) else {
                throw WrongUse("--time-zone must be an IANA name like Europe/Kyiv, not \(zone)")
            }
            account.timeZone = zone
        }
        if let currency = invocation.value("currency") {
            guard let known = Currency(currency) else {
                throw WrongUse("--currency must be an ISO 4217 code like UAH, not \(currency)")
            }
            account.currency = known.code
        }
        account.foldsKeyless = try invocation.isOn("fold-keyless") ?? account.foldsKeyless
        account.apiAccess = try invocation.isOn("api-access") ?? account.apiAccess
    }
}

extension Ledger {
    /// The account with this name or id; throws ``Failure`` if it does not exist.
    func account(named name: String) async throws -> AccountRecord {
        let accounts = try await accounts()
        guard let account = accounts.first(where: { $0.name == name || $0.id == name }) else {
            throw Failure("there is no account \(name): create it with `orderrelay account create \(name)`")
        }
        return account
    }
}

extension Invocation {
    /// The value of an `on`/`off` option; nil if it was not given. Throws ``WrongUse`` for any other value.
    func isOn(_ option: String) throws -> Bool? {
        switch value(option) {
        case nil: nil
        case "on": true
        case "off": false
        case let other?: throw WrongUse("--\(option) must be on or off, not \(other)")
        }
    }

    /// An integer within `range`; nil if the option was not given. Throws ``WrongUse`` for any other value.
    func number(_ option: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw WrongUse(
                "--\(option) must be an integer from \(range.lowerBound) to \(range.upperBound), not \(text)")
        }
        return number
    }
}
