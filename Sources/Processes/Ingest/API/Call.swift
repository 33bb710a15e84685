import Access
import Control
import HTTP
import Ledger

/// A request that was admitted, with its body, as an endpoint's handler gets it.
struct Call: Sendable {
    let caller: Caller
    /// The values of the path's names.
    let parameters: PathParameters
    let query: [(name: String, value: String)]
    let fields: HeaderFields
    let context: RequestContext
    let body: Body

    init(_ request: consuming Request, _ admitted: consuming IngestApplication.Context) {
        caller = admitted.caller
        parameters = admitted.parameters
        context = admitted.request
        query = request.head.query
        fields = request.head.fields
        body = Body(request, format: admitted.format)
    }

    /// Who asks, for what keeps it.
    var author: Author { .token(caller.token.id, label: caller.token.label) }
}
