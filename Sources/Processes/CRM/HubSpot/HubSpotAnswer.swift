import Delivery
import FoundationEssentials
import HTTP
import Outbound

/// The meaning of an answer of HubSpot's API. Pure.
enum HubSpotAnswer: Equatable {
    /// The objects in it, by id; `isNew` if an upsert says so.
    case objects([Object])
    /// Done; its content is not needed.
    case done
    case notFound
    /// The object exists already; its id if the answer has it.
    case exists(id: String?)
    /// The portal lacks the unique property by which deals are found.
    case lacksOrderProperty
    /// The deal's currency is not enabled in the portal.
    case refusesCurrency
    /// HubSpot does not accept the contact's address.
    case refusesEmail
    /// The attempt ends with this.
    case ends(Outcome)

    struct Object: Equatable {
        var id: String
        var isNew: Bool
    }

    /// Reads an answer to `call`. Its texts may hold personal data, like "Email address … is invalid": only codes,
    /// names of properties and categories are taken from them.
    init(_ response: Response, to call: HubSpotCall) {
        let error = HubSpotError(response.body)
        switch response.status {
        case 200, 201, 207: self = Self.success(response, call, error)
        case 204: self = .done
        case 300..<400:
            self = .ends(
                .configuration(why: "\(response.status): a redirect; the connection's address is not HubSpot's API"))
        case 401: self = .ends(.configuration(why: "401 \(error.category): the access token is not accepted"))
        case 403 where error.isThrottle || response.pause() != nil: self = Self.throttled(response, error)
        case 403:
            self = .ends(
                .configuration(why: "403 \(error.category): the access token lacks a scope \(error.scopes)".trimmed))
        case 404: self = .notFound
        case 409: self = .exists(id: error.existingID)
        case 429: self = Self.throttled(response, error)
        case 400 where error.concernsOrderProperty: self = .lacksOrderProperty
        case 408, 423, 425, 477, 503, 529:
            self = .ends(.retry(after: response.pause(), why: "\(response.status) \(error.category)".trimmed))
        case 500..<600 where call.isRepeatable:
            self = .ends(.retry(after: response.pause(), why: "\(response.status) from HubSpot"))
        case 500..<600: self = .ends(.unknown(why: "\(response.status) from HubSpot"))
        default: self = Self.refused(response, error)
        }
    }

    private static func refused(_ response: Response, _ error: HubSpotError) -> HubSpotAnswer {
        switch HubSpotRefusal(error.refused) {
        case .currency: .refusesCurrency
        case .email: .refusesEmail
        case .portal(let why): .ends(.configuration(why: "\(response.status) \(error.summary): \(why)"))
        case .value: .ends(.permanent(why: "\(response.status) \(error.summary)"))
        }
    }

    private static func success(_ response: Response, _ call: HubSpotCall, _ error: HubSpotError) -> HubSpotAnswer {
        // 207: some of a batch failed; ours has one input, so that one did.
        if response.status == 207, error.failures > 0 {
            return error.concernsOrderProperty ? .lacksOrderProperty : refused(response, error)
        }
        let decoder = JSONDecoder()
        switch call {
        case .associate, .addOrderProperty, .readPipelines: return .done
        case .createContact, .updateContact, .readDeal:
            guard let object = try? decoder.decode(Found.self, from: Data(response.body)), object.isSound else { break }
            return .objects([Object(id: object.id, isNew: response.status == 201)])
        case .upsertContact, .upsertDeal, .findContact:
            guard let results = try? decoder.decode(Results.self, from: Data(response.body)) else { break }
            if case .findContact = call {} else if results.results.isEmpty { break }
            guard results.results.allSatisfy(\.isSound) else { break }
            return .objects(results.results.map { Object(id: $0.id, isNew: $0.new ?? false) })
        }
        return .ends(.unknown(why: "\(response.status) with an answer that cannot be decoded"))
    }

    private static func throttled(_ response: Response, _ error: HubSpotError) -> HubSpotAnswer {
        // The daily limit ends at midnight in the portal's time zone, which is unknown here: try again in an hour. The
        // burst limit counts ten seconds (https://developers.hubspot.com/docs/api/usage-details).
        let usual = error.policyName == "DAILY" ? Duration.seconds(3_600) : .seconds(10)
        let policy = error.policyName.map { " \($0)" } ?? ""
        return .ends(.retry(after: response.pause() ?? usual, why: "\(response.status) rate limit\(policy)"))
    }

    private struct Found: Decodable {
        var id: String
        var new: Bool?

        /// Ids become parts of paths and of the ledger's rows: only letters, digits, `-` and `_`. (HubSpot's are
        /// numbers, https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide.)
        var isSound: Bool {
            1...64 ~= id.utf8.count
                && id.unicodeScalars.allSatisfy {
                    $0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0 || $0 == "-" || $0 == "_")
                }
        }
    }
    private struct Results: Decodable { var results: [Found] }
}

extension String {
    fileprivate var trimmed: String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
