import FoundationEssentials
import Outbound

/// An error answer of HubSpot. Every member may be missing, as its documentation warns:
/// https://developers.hubspot.com/docs/api-reference/error-handling
struct HubSpotError {
    private struct Body: Decodable {
        struct Detail: Decodable {
            struct Context: Decodable {
                var requiredScopes: [String]?
                var requiredGranularScopes: [String]?
            }
            var message: String?
            var category: String?
            var context: Context?
        }
        var message: String?
        var category: String?
        var errorType: String?
        var policyName: String?
        var numErrors: Int?
        var errors: [Detail]?
    }

    private let body: Body

    init(_ bytes: [UInt8]) {
        body = (try? JSONDecoder().decode(Body.self, from: Data(bytes.prefix(64 * 1024)))) ?? Body()
    }

    /// `VALIDATION_ERROR`; empty if the answer has none.
    var category: String { ForeignText.code(body.category ?? body.errors?.first?.category ?? body.errorType) ?? "" }
    /// `DAILY`, `TEN_SECONDLY_ROLLING`
    var policyName: String? { ForeignText.code(body.policyName) }
    var isThrottle: Bool { body.policyName != nil || category.contains("RATE_LIMIT") }
    var failures: Int { body.numErrors ?? body.errors?.count ?? 0 }

    /// The scopes that the token lacks.
    var scopes: String {
        let names = (body.errors ?? []).flatMap {
            ($0.context?.requiredGranularScopes ?? []) + ($0.context?.requiredScopes ?? [])
        }
        return names.prefix(5).filter(Self.isScope).joined(separator: ", ")
    }

    /// `crm.objects.contacts.write`
    private static func isScope(_ name: String) -> Bool {
        name.utf8.count <= 60 && name.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "." || $0 == "-" || $0 == "_") }
    }

    /// `Contact already exists. Existing ID: 37765128953` → the id.
    var existingID: String? {
        messages.firstMatch(of: /Existing ID: ([0-9]{1,20})/).map { String($0.1) }
    }

    /// Whether the error is that deals have no unique property for our id yet.
    var concernsOrderProperty: Bool {
        messages.contains(HubSpotFields.orderID)
            && (messages.contains("PROPERTY_DOESNT_EXIST") || messages.contains("non-unique")
                || messages.contains("does not exist"))
    }

    /// The properties that were refused, each with its code: from the list that the message holds as JSON.
    var refused: [HubSpotRefusal.Fault] {
        messages.matches(of: /\{[^{}]*\}/).prefix(20).compactMap { match in
            guard let code = match.output.firstMatch(of: /"error":"([A-Z_]{1,60})"/),
                let name = match.output.firstMatch(of: /"name":"([a-z0-9_]{1,100})"/)
            else { return nil }
            return HubSpotRefusal.Fault(code: String(code.1), property: String(name.1))
        }
    }

    /// Category, codes and names of properties, without the values that were refused: `VALIDATION_ERROR INVALID_EMAIL
    /// (email)`.
    var summary: String {
        var parts = category.isEmpty ? [] : [category]
        for match in messages.matches(of: /"error":"([A-Z_]{1,60})"/).prefix(3) { parts.append(String(match.1)) }
        for match in messages.matches(of: /"name":"([a-z0-9_]{1,100})"/).prefix(3) { parts.append("(\(match.1))") }
        return parts.isEmpty ? "refused" : parts.joined(separator: " ")
    }

    private var messages: String {
        ([body.message] + (body.errors ?? []).map(\.message)).compactMap(\.self).joined(separator: "\n")
    }
}
