public import Configuration
import HTTP

/// The proxies whose X-Forwarded-For is trusted. Setting: `HTTP_TRUSTED_PROXIES`.
public struct TrustedProxies: Sendable {
    public static let setting = Setting(
        "HTTP_TRUSTED_PROXIES",
        "networks of the proxies whose X-Forwarded-For is trusted, separated by commas: 10.0.0.0/8,fd00::/8")

    private let networks: [AddressNetwork]

    /// No proxy is trusted.
    public init() { networks = [] }

    /// Networks and single addresses, separated by commas; nil if one of them is neither.
    init?(_ text: String) {
        var networks: [AddressNetwork] = []
        for part in text.split(separator: ",") {
            guard let network = AddressNetwork(part.filter { $0 != " " }) else { return nil }
            networks.append(network)
        }
        self.networks = networks
    }

    /// Throws ``ConfigurationError`` if the setting is invalid.
    public init(_ environment: Environment) throws(ConfigurationError) {
        self =
            try environment.value(
                Self.setting, expected: "networks or addresses, separated by commas: 10.0.0.0/8,192.0.2.7", Self.init)
            ?? TrustedProxies()
    }

    /// Where a request came from, as far as that can be trusted; for IPv6 the network of 64 bits, since the owner of
    /// one address there has all of them.
    ///
    /// Each proxy appends the peer that it saw to the field, so the field is read from its end, for as long as the
    /// address belongs to a trusted proxy.
    func source(of head: RequestHead) -> String {
        guard var source = IPAddress(head.peer) else { return head.peer }
        if !networks.isEmpty, trusts(source) {
            let hops = head.fields.values(of: "X-Forwarded-For").flatMap { $0.split(separator: ",") }
            for hop in hops.reversed() {
                guard let before = IPAddress(hop.filter { $0 != " " && $0 != "\t" }) else { break }
                source = before
                if !trusts(before) { break }
            }
        }
        return source.bytes.count == 4 ? "\(source)" : "\(source.bytes.prefix(8))"
    }

    private func trusts(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }
}

/// Addresses that begin with the same bits.
private struct AddressNetwork: Sendable {
    private let bytes: [UInt8]
    private let bits: Int

    /// `10.0.0.0/8`, `fd00::/8`, or an address; nil if it is neither.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let address = IPAddress(String(first)) else { return nil }
        bytes = address.bytes
        guard parts.count == 2 else {
            bits = bytes.count * 8
            return
        }
        guard let bits = Int(parts[1]), 0...(bytes.count * 8) ~= bits else { return nil }
        self.bits = bits
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == bytes.count else { return false }
        let whole = bits / 8
        guard address.bytes[..<whole] == bytes[..<whole] else { return false }
        let rest = bits % 8
        return rest == 0 || (address.bytes[whole] ^ bytes[whole]) >> UInt8(8 - rest) == 0
    }
}
