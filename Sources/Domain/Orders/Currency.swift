/// A currency of ISO 4217.
public struct Currency: Sendable, Hashable, CustomStringConvertible {
    /// Three capital letters.
    public let code: String
    /// Digits of its minor unit: 2 for UAH, 0 for JPY, 3 for KWD.
    public let fractionDigits: Int

    /// Looks up a code, in any case of letters; nil if ISO 4217 does not list it.
    public init?(_ code: String) {
        guard let letters = Self.letters(of: code), let digits = Self.digitsByLetters[letters] else { return nil }
        self.code = String(unsafeUninitializedCapacity: 3) { capitals in
            for place in 0..<3 { capitals[place] = UInt8(truncatingIfNeeded: letters >> UInt32(16 - 8 * place)) }
            return 3
        }
        fractionDigits = Int(digits)
    }

    private init(known code: String, fractionDigits: Int) {
        self.code = code
        self.fractionDigits = fractionDigits
    }

    /// The hryvnia: the currency of an account that has not chosen one.
    public static let uah = Currency(known: "UAH", fractionDigits: 2)

    public static func == (one: Self, other: Self) -> Bool { one.code == other.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    public var description: String { code }
}

extension Currency {
    /// Three letters, as capitals, in one number; nil for any other text.
    private static func letters(of code: String) -> UInt32? {
        guard code.utf8.count == 3 else { return nil }
        var letters: UInt32 = 0
        for byte in code.utf8 {
            let capital = byte & 0xDF
            guard capital &- UInt8(ascii: "A") < 26, byte & 0xC0 == 0x40 else { return nil }
            letters = letters << 8 | UInt32(capital)
        }
        return letters
    }

    private static let digitsByLetters: [UInt32: UInt8] = {
        var table: [UInt32: UInt8] = [:]
        for (digits, codes) in codesByDigits {
            for code in codes.split(separator: " ") {
                guard let letters = letters(of: String(code)) else {
                    preconditionFailure("\(code) is not a currency code")
                }
                table[letters] = digits
            }
        }
        return table
    }()

    /// ISO 4217, list one, of January 2026
    /// (https://www.six-group.com/en/products-services/financial-information/data-standards.html), without the codes
    /// that have no minor unit (metals, testing, none); and ANG and BGN, withdrawn within the last year, which shops
    /// still send.
    private static let codesByDigits: [(UInt8, String)] = [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (
            2,
            """
            AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE \
            CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
            HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR \
            MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK \
            SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD \
            XCD XCG YER ZAR ZMW ZWG
            """
        ),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    ]
}
