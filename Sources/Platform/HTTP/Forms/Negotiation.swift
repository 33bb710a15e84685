/// Content negotiation: which of the offered media types the caller prefers (RFC 9110, 12.5.1).
public enum Negotiation {
    /// The one of `offers` (media types, in our order of preference) that `accept` weighs highest; of equals the one
    /// named more exactly, then the earlier offer. Without the field, the first offer; nil if none is acceptable.
    public static func choose(_ offers: [String], accept: String?) -> String? {
        guard let accept, !accept.isEmpty else { return offers.first }
        let ranges = MediaType.split(Array(accept.utf8.prefix(acceptBytesMaximum)), at: UInt8(ascii: ","))
            .compactMap { MediaType(String(decoding: $0, as: UTF8.self)) }
        guard !ranges.isEmpty else { return offers.first }
        var best: (offer: String, weight: Int, exactness: Int)?
        for offer in offers {
            guard let (weight, exactness) = judge(offer, ranges), weight > 0 else { continue }
            if let best, (best.weight, best.exactness) >= (weight, exactness) { continue }
            best = (offer, weight, exactness)
        }
        return best?.offer
    }

    /// The rest of the field is ignored.
    private static let acceptBytesMaximum = 4096

    /// The weight in thousandths that the most exact range that fits gives to `offer`.
    private static func judge(_ offer: String, _ ranges: [MediaType]) -> (weight: Int, exactness: Int)? {
        let family = offer.prefix { $0 != "/" } + "/*"
        var judged: (weight: Int, exactness: Int)?
        for range in ranges {
            let exactness =
                switch range.name {
                case offer: 2
                case String(family): 1
                case "*/*": 0
                default: -1
                }
            guard exactness >= 0, exactness > (judged?.exactness ?? -1) else { continue }
            judged = (weight(range["q"]), exactness)
        }
        return judged
    }

    /// `0.5` → 500; absent or unreadable → 1000.
    private static func weight(_ text: String?) -> Int {
        guard let text else { return 1000 }
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first.flatMap({ Int($0) }), 0...1 ~= whole else { return 1000 }
        let digits = parts.count < 2 ? "" : String(parts[1].prefix(3))
        guard digits.allSatisfy(\.isNumber) else { return 1000 }
        let padded = digits + String(repeating: "0", count: 3 - digits.count)
        return min(1000, whole * 1000 + (Int(padded) ?? 0))
    }
}
