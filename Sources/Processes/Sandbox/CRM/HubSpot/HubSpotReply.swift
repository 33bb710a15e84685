import HTTP

/// Answers in the shape that HubSpot documents, each with its source.
///
/// The general shape of errors (`status`, `message`, `correlationId`, `category`, `errors`, `context`, `links`; each
/// may be absent): https://developers.hubspot.com/docs/api-reference/error-handling
enum HubSpotReply {
    /// HubSpot gives a new one to each answer; a fixed one here makes logs comparable.
    static let correlationID = "aeb5f871-7f07-4993-9211-075dc63e7cbf"

    static func json(_ status: Int, _ document: Document) -> Response {
        Response(
            status: status,
            fields: ["Content-Type": "application/json;charset=utf-8", "X-HubSpot-Correlation-Id": correlationID],
            body: document.bytes)
    }

    static func error(
        _ status: Int, _ category: String, _ message: String, errors: Document? = nil, context: Document? = nil
    ) -> Response {
        var members: [(name: String, value: Document)] = [
            ("status", "error"), ("message", .text(message)), ("correlationId", .text(correlationID)),
        ]
        if let errors { members.append(("errors", errors)) }
        if let context { members.append(("context", context)) }
        members.append(("category", .text(category)))
        return json(status, .object(members))
    }

    /// The body as seen in answers to a missing or wrong token:
    /// https://github.com/HubSpot/hubspot-api-nodejs/issues/432
    static func unauthorized() -> Response {
        var answer = error(
            401, "INVALID_AUTHENTICATION",
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
                + "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview")
        // Header: https://github.com/HubSpot/hubspot-api-python/issues/129
        answer.fields["X-HubSpot-Auth-Failure"] = "401 Unauthorized"
        return answer
    }

    /// https://github.com/HubSpot/hubspot-api-nodejs/issues/268
    static func missingScopes(_ scope: String) -> Response {
        error(
            403, "MISSING_SCOPES",
            "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
                + "https://developers.hubspot.com/scopes.",
            errors: [
                [
                    "message": "One or more of the following scopes are required.",
                    "context": ["requiredGranularScopes": [.text(scope)]],
                ]
            ])
    }

    /// The body with `errorType` and `policyName`: https://developers.hubspot.com/docs/api/usage-details. That page
    /// names no Retry-After: some answers have it, some not, so the sandbox supports both.
    static func rateLimited(daily: Bool, retryAfter: Int?) -> Response {
        var answer = json(
            429,
            [
                "status": "error",
                "message": .text(
                    daily ? "You have reached your daily limit." : "You have reached your ten_secondly_rolling limit."),
                "errorType": "RATE_LIMIT", "correlationId": .text(correlationID),
                "policyName": .text(daily ? "DAILY" : "TEN_SECONDLY_ROLLING"),
                "requestId": "3d3e35b7-0dae-4b9f-a6e3-9c230cbcf8dd",
            ])
        // Headers:
        // https://developers.hubspot.com/changelog/2018-11-06-rate-limit-information-headers-will-be-included-in-http-responses
        answer.fields["X-HubSpot-RateLimit-Interval-Milliseconds"] = "10000"
        answer.fields["X-HubSpot-RateLimit-Remaining"] = "0"
        if let retryAfter { answer.fields["Retry-After"] = String(retryAfter) }
        return answer
    }

    /// https://github.com/HubSpot/hubspot-api-nodejs/issues/545
    static func contactExists(_ id: String) -> Response {
        error(409, "CONFLICT", "Contact already exists. Existing ID: \(id)")
    }

    /// A second object with the same value of a unique property. No published example of the whole body was found;
    /// status and category are those of the contact's conflict, the validation error's form is HubSpot's usual.
    static func uniqueValueTaken(_ property: String, _ value: String, by id: String) -> Response {
        error(
            409, "CONFLICT",
            "Property values were not valid: [{\"isValid\":false,\"message\":\"\(id) already has that value.\","
                + "\"error\":\"CONFLICTING_UNIQUE_VALUE\",\"name\":\"\(property)\"}]")
    }

    /// Structure and words as in https://community.hubspot.com, "Property values were not valid …
    /// PROPERTY_DOESNT_EXIST"; category from the error handling page.
    static func invalidProperty(_ name: String, _ code: String, _ message: String) -> Response {
        error(
            400, "VALIDATION_ERROR",
            "Property values were not valid: [{\"isValid\":false,\"message\":\"\(message)\",\"error\":\"\(code)\","
                + "\"name\":\"\(name)\",\"localizedErrorMessage\":\"\(message)\"}]")
    }

    /// https://github.com/segmentio/action-destinations/pull/3957,
    /// https://github.com/HubSpot/hubspot-api-nodejs/issues/548
    static func notUnique(_ property: String, of type: String) -> Response {
        error(400, "VALIDATION_ERROR", "Unable to perform update/upsert by non-unique \(type) property \(property)")
    }

    /// No whole published body was found; `resource not found` as in
    /// https://github.com/segment-boneyard/segment-docs/pull/6244, the category as HubSpot's clients report it.
    static func notFound() -> Response { error(404, "OBJECT_NOT_FOUND", "resource not found") }

    /// https://developers.hubspot.com/docs/api-reference/error-handling ("Invalid input JSON" is HubSpot's wording for
    /// bodies that cannot be read; no published example of the whole body was found).
    static func unreadable() -> Response { error(400, "VALIDATION_ERROR", "Invalid input JSON") }

    /// 5xx: HubSpot documents the statuses (500, 502, 503, 504, 52x), not their bodies:
    /// https://developers.hubspot.com/docs/api-reference/error-handling
    static func serverError(_ status: Int) -> Response {
        Response(status: status, fields: ["Content-Type": "text/html"], body: Array("<html>\(status)</html>".utf8))
    }
}
