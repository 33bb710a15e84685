import HTTP
import JSON
import Ledger
import Orders

/// Every call of the API, once it is admitted and its body is there.
struct Calls: Sendable {
    private let create: CreateOrder
    private let change: ChangeOrder
    private let show: ShowOrder
    private let list: ListOrders
    private let statistics: ShowStatistics
    private let usage: ShowUsage
    private let now: @Sendable () -> Timestamp

    init(
        acceptance: Acceptance, ledger: Ledger, gate: any PermitGate, now: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.now = now
        create = CreateOrder(acceptance: acceptance, now: now, random: random)
        change = ChangeOrder(acceptance: acceptance, ledger: ledger, now: now, random: random)
        show = ShowOrder(ledger: ledger)
        list = ListOrders(ledger: ledger)
        statistics = ShowStatistics(ledger: ledger)
        usage = ShowUsage(gate: gate)
    }

    func response(to request: consuming Request, context: IngestApplication.Context) async throws -> Response {
        let fields = request.head.fields
        let id = context.parameters["id"] ?? ""
        let query = Query(request.head.query)
        switch context.call {
        case .createOrder:
            let key = try IdempotencyKey.read(fields)
            return try await create.response(Body(request), context, key: key)
        case .updateOrder:
            return try await change.update(id, Body(request), context, key: IdempotencyKey.read(fields))
        case .createPurchase:
            return try await change.purchase(Body(request), context, key: IdempotencyKey.read(fields))
        case .validateOrder: return try Self.validate(Body(request), context)
        case .listOrders: return try await list.response(query, caller: context.caller)
        case .showOrder: return try await show.order(id, caller: context.caller)
        case .showTimeline: return try await show.timeline(id, caller: context.caller)
        case .showStatistics:
            let acceptsCSV =
                Negotiation.choose(["application/json", "text/csv"], accept: fields["Accept"]) == "text/csv"
            return try await statistics.response(query, caller: context.caller, acceptsCSV: acceptsCSV, now: now())
        case .showCaller: return ShowCaller.response(context.caller)
        case .showUsage: return try usage.response(context.caller, now: now())
        }
    }

    /// `POST /validate`: everything that is wrong with an order; publishes nothing.
    private static func validate(_ body: Body, _ context: IngestApplication.Context) throws(Refusal) -> Response {
        _ = try body.draft(context.caller.settings)
        return Answer.success { writer in
            writer.object { writer in
                writer.key("valid")
                writer.bool(true)
            }
        }
    }
}
