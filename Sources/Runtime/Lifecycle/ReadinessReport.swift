import FoundationEssentials

/// The answer of `/readyz`.
struct ReadinessReport: Codable {
    struct ServiceState: Codable {
        var name: String
        var ready: Bool
        /// Why it does not serve; absent where it does.
        var reason: String?
    }
    var ready: Bool
    var services: [ServiceState]

    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and booleans only: nothing here can fail to encode.
        return Array((try? encoder.encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
    }
}
