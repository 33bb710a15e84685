import HTTP
import JSON
import Orders

/// The bodies of this API (DESIGN §4): `{"data":…,"meta":…,"status":1}` and, refused, `{"status":0,"error":{…}}` or RFC
/// 9457's `application/problem+json` if the caller accepts it.
enum Answer {
    /// A list's page.
    struct Page: Sendable {
        var limit: Int
        var offset: Int
        var filteredCount: Int
        var totalCount: Int
    }

    /// A success; `data` writes exactly one value.
    static func success(status: Int = 200, _ data: (inout JSONWriter) -> Void) -> Response {
        success(status: status, page: nil, data)
    }

    /// A list, whose elements `elements` writes: with its page as `meta`, or, without one, the array alone, as no-code
    /// tools need it.
    static func list(_ page: Page?, _ elements: (inout JSONWriter) -> Void) -> Response {
        if let page { return success(status: 200, page: page) { $0.array(elements) } }
        var writer = JSONWriter(capacity: 512)
        writer.array(elements)
        return Response(status: 200, fields: ["Content-Type": "application/json"], body: writer.bytes)
    }

    private static func success(status: Int, page: Page?, _ data: (inout JSONWriter) -> Void) -> Response {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.key("data")
            data(&writer)
            if let page {
                writer.key("meta")
                writer.object { writer in
                    writer.key("limit")
                    writer.int64(Int64(page.limit))
                    writer.key("offset")
                    writer.int64(Int64(page.offset))
                    writer.key("filteredCount")
                    writer.int64(Int64(page.filteredCount))
                    writer.key("totalCount")
                    writer.int64(Int64(page.totalCount))
                }
            }
            writer.key("status")
            writer.int64(1)
        }
        return Response(status: status, fields: ["Content-Type": "application/json"], body: writer.bytes)
    }

    /// A refusal in the shape that the caller accepts.
    static func refused(_ refusal: Refusal, requestID: String, asProblem: Bool) -> Response {
        var response = Response(status: refusal.status, fields: refusal.fields)
        var writer = JSONWriter(capacity: 512)
        if asProblem {
            response.fields["Content-Type"] = "application/problem+json"
            problem(refusal, requestID, &writer)
        } else {
            response.fields["Content-Type"] = "application/json"
            failure(refusal, requestID, &writer)
        }
        response.body = writer.bytes
        return response
    }

    private static func failure(_ refusal: Refusal, _ requestID: String, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("status")
            writer.int64(0)
            writer.key("error")
            writer.object { writer in
                writer.member("code", refusal.code.rawValue)
                writer.member("message", refusal.message)
                if !refusal.faults.isEmpty {
                    writer.key("fields")
                    writer.object { writer in
                        for fault in refusal.faults {
                            writer.key(dynamic: name(of: fault))
                            writer.string(fault.code)
                        }
                    }
                }
                writer.member("restricted-until", refusal.restrictedUntil?.iso8601)
                writer.member("requestId", requestID)
            }
        }
    }

    private static func problem(_ refusal: Refusal, _ requestID: String, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", refusal.code.registeredProblemType ?? "about:blank")
            writer.member("title", refusal.code.rawValue)
            writer.key("status")
            writer.int64(Int64(refusal.status))
            writer.member("detail", refusal.message)
            if refusal.code == .quotaExceeded {
                writer.key("violated-policies")
                writer.array { $0.string("token") }
            }
            writer.member("restricted-until", refusal.restrictedUntil?.iso8601)
            writer.member("requestId", requestID)
            if !refusal.faults.isEmpty {
                writer.key("errors")
                writer.array { writer in
                    for fault in refusal.faults { describe(fault, &writer) }
                }
            }
        }
    }

    private static func describe(_ fault: Refusal.Field, _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("pointer", fault.pointer)
            writer.member("code", fault.code)
            writer.member("expected", fault.expected)
            writer.member("got", fault.got)
        }
    }

    /// `fields` maps a JSON pointer without its leading slash.
    private static func name(of fault: Refusal.Field) -> String {
        fault.pointer.hasPrefix("/") ? String(fault.pointer.dropFirst()) : fault.pointer
    }
}

extension JSONWriter {
    /// What was changed or left out: the member exists only if something was.
    mutating func warnings(_ warnings: [FieldWarning]) {
        guard !warnings.isEmpty else { return }
        key("warnings")
        warnings.write(to: &self)
    }
}
