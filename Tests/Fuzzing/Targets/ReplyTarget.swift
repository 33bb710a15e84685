import CCurl
import Delivery

@testable import CRM
@testable import HTTP

extension FuzzTarget {
    /// An HTTP server's answer, after a byte of status and one of the call that it answers: its head within bounds, no
    /// field lost or torn, `Retry-After` clipped, and the CRM's judgement of it short and free of foreign text.
    static let reply = FuzzTarget(name: "reply") { bytes throws(Broken) in
        var input = Input(bytes)
        let (status, call) = (statuses[Int(input.byte()) % statuses.count], calls[Int(input.byte()) % calls.count])
        guard let answer = try answer(&input, status: status) else { return }
        try fieldsHold(answer.fields)
        let judged = HubSpotAnswer(answer, to: call)
        try promise("the same twice", HubSpotAnswer(answer, to: call) == judged)
        try canBeKept(judged, call)
    }

    private static let statuses = [
        200, 201, 204, 207, 301, 400, 401, 403, 404, 408, 409, 423, 425, 429, 477, 500, 502, 503, 504, 529, 0, 999,
    ]
    private static let calls: [HubSpotCall] = [
        .upsertContact(email: "a@b.example", [:]), .findContact(phone: "+1"), .createContact([:]),
        .updateContact(id: "1", [:]), .readDeal(order: "1"), .upsertDeal(order: "1", [:]),
        .associate(deal: "1", contact: "2"), .addOrderProperty,
    ]

    /// The answer as the client puts it together; nil if it was too large.
    private static func answer(_ input: inout Input, status: Int) throws(Broken) -> Response? {
        let transfer = Transfer(ClientRequest(.get, "http://a.example/", answerBytesMaximum: 4096))
        guard let handle = curl_easy_init() else { return nil }
        defer { curl_easy_cleanup(handle) }
        while !input.rest.isEmpty {
            let line = input.line()
            let isTaken = (line + [10]).withUnsafeBytes { transfer.lineCame($0) }
            guard isTaken else { return nil }
            if line.isEmpty || line == [13] { break }
        }
        for piece in [input.rest.prefix(100), input.rest.dropFirst(100)] {
            let isTaken = piece.withUnsafeBytes { transfer.bodyCame($0) }
            try promise("a body has a bound", transfer.answer.body.count <= 4096)
            if !isTaken {
                try promise("what is refused is too large", transfer.isTooLarge && input.rest.count > 4096)
                return nil
            }
        }
        guard case .success(var answer) = transfer.result(CURLE_OK, handle) else {
            throw Broken(promise: "a transfer that went well has an answer")
        }
        try promise("the body is as it came", answer.body == Array(input.rest))
        answer.status = status
        return answer
    }

    private static func fieldsHold(_ fields: HeaderFields) throws(Broken) {
        let all = fields.all
        try promise("fields made of the same pairs are the same", HeaderFields(all) == fields)
        for (name, value) in all {
            try promise(
                "a value stands alone: \(value.debugDescription)", value.utf8.allSatisfy { $0 != 10 && $0 != 13 })
            try promise("every field is found", fields.values(of: name).contains(value))
            try promise("in any case", fields[name.uppercased()] != nil || !name.utf8.allSatisfy { $0 < 0x80 })
        }
        guard let wait = Response(status: 200, fields: fields).retryAfter else { return }
        try promise("a wait is clipped", Duration.zero...Response.retryAfterMaximum ~= wait)
    }

    private static func canBeKept(_ judged: HubSpotAnswer, _ call: HubSpotCall) throws(Broken) {
        switch judged {
        case .objects(let objects):
            try promise("an object's id is one", objects.allSatisfy { isID($0.id) })
        case .exists(let id): try promise("an existing id is one: \(id ?? "")", id.map(isID) ?? true)
        case .ends(let outcome):
            try promise("what is kept of an answer is short: \(outcome)", "\(outcome)".utf8.count < 800)
            try promise(
                "what is kept has no control characters: \(outcome)",
                "\(outcome)".unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        case .done, .notFound, .lacksOrderProperty, .refusesCurrency, .refusesEmail: break
        }
    }

    /// Fit to stand in a path.
    private static func isID(_ text: String) -> Bool {
        1...64 ~= text.utf8.count && text.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil
    }
}
