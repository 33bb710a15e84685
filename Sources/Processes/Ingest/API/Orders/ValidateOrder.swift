import Access
import Control
import HTTP
import JSON
import Orders

extension Endpoint {
    static func validateOrder(_: Services) -> Endpoint {
        Endpoint(
            "validateOrder", .post, path: "/validate", scope: .read, body: .fields,
            summary: "checks an order: all of its faults, or its warnings; publishes nothing"
        ) { call in
            let warnings = try call.body.draft(call.caller.settings).warnings
            return Answer.success { writer in
                writer.object { writer in
                    writer.key("valid")
                    writer.bool(true)
                    writer.warnings(warnings)
                }
            }
        }
    }
}
