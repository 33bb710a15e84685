import Configuration
import Delivery
import Events
import HTTP
import Intake
import Ledger
import Lifecycle
import Orders
import Support
import Synchronization
import Telemetry
import Testing

@testable import Canary

@Suite("The canary's orders", .timeLimit(.minutes(1))) struct CanaryTests {
    /// Plans everything to the mail server.
    private struct Mailing: Planner {
        let worker = "confirmations"
        let topics = ["orders"]
        let kinds = ["email"]
        let reachesBuyers = true
        func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
            events.map { _ in Plan(.planned([PlannedDelivery(destination: "email")])) }
        }
    }

    private func plannable(_ event: Event, isConflict: Bool = false) -> PlannableEvent {
        PlannableEvent(
            event: event, value: [], source: LogPartition(cluster: "c", topic: "orders", partition: 0), offset: 0,
            isConflict: isConflict)
    }

    @Test("go to the built-in receiver alone; all others are planned as ever")
    func planned() async throws {
        let canary = Canary(account: "bird", metrics: Metrics(), worker: "confirmations")
        let planner = canary.planner(Mailing())
        #expect(planner.worker == "confirmations" && planner.topics == ["orders"] && planner.reachesBuyers)
        #expect(planner.kinds == ["email", "canary"])
        let plans = try await planner.plan([
            plannable(event(1)), plannable(event(2, account: "bird")),
            plannable(event(3, account: "bird"), isConflict: true),
        ])
        let destinations = plans.map { plan -> [String] in
            if case .planned(let deliveries) = plan.disposition { deliveries.map(\.destination.text) } else { [] }
        }
        #expect(destinations == [["email"], ["canary"], ["email"]])
    }

    @Test("are done at once, and the metrics say when and how long it took")
    func done() async throws {
        let metrics = Metrics()
        let canary = Canary(account: "bird", metrics: metrics, worker: "crm")
        func figure(_ name: String) -> Double? {
            metrics.rendered().split(separator: "\n").first {
                $0.hasPrefix("orderrelay_canary_\(name){worker=\"crm\"} ")
            }
            .flatMap { $0.split(separator: " ").last.flatMap { Double($0) } }
        }
        #expect(figure("last_done_timestamp_seconds") == 0 && figure("latency_seconds") == 0)
        #expect(canary.adapter(for: "email", of: "crm") == nil)
        let adapter = try #require(canary.adapter(for: .canary, of: "crm"))
        #expect(adapter.kind == "canary")
        let now = WallClock.milliseconds()
        let event = event(1, account: "bird", at: Timestamp(milliseconds: now - 5_000))
        let outcome = await adapter.attempt(
            Attempt(
                delivery: LeasedDelivery(
                    id: 1, worker: "crm", destination: .canary, eventID: event.id, key: event.order.text, attempt: 0,
                    leaseNumber: 1, isOutcomeUnknown: false), event: event, history: [event], timeout: .seconds(5)))
        #expect(outcome == .done(answer: "canary", receipt: [:]))
        #expect(try #require(figure("last_done_timestamp_seconds")) >= Double(now) / 1000)
        #expect((5.0..<60).contains(try #require(figure("latency_seconds"))))
    }

    @Test("are off where nothing is set, and an address without a token prevents the start")
    func settings() async throws {
        #expect(try Canary(Environment([:]), metrics: Metrics(), worker: "crm") == nil)
        #expect(try Canary(Environment(["CANARY_ACCOUNT": "bird"]), metrics: Metrics(), worker: "crm") != nil)
        let ledger = try await Ledger.made()
        func poster(_ variables: [String: String]) throws -> CanaryPoster? {
            try CanaryPoster(
                Environment(variables), ledger, owner: "a", metrics: Metrics(), log: Log(process: "test") { _ in })
        }
        #expect(try poster([:]) == nil)
        #expect(try poster(["CANARY_URL": "http://ingest/api/v2", "CANARY_TOKEN": "t"]) != nil)
        #expect(throws: ConfigurationError.self) { try poster(["CANARY_URL": "http://ingest/api/v2"]) }
        #expect(throws: ConfigurationError.self) { try poster(["CANARY_URL": "ingest", "CANARY_TOKEN": "t"]) }
    }

    /// Notes what is posted, and answers as the test says.
    private final class API: Application {
        let status = Shared(201)
        let bodies = Shared<[String]>([])
        let tokens = Shared<[String?]>([])
        func admit(_ head: RequestHead) async -> Admission<Void> { .read(bodyLimit: 65_536, context: ()) }
        func respond(to request: Request, context: Void) async -> Response {
            bodies.change { $0.append(String(decoding: request.body, as: UTF8.self)) }
            tokens.change { $0.append(request.head.fields["Authorization"]) }
            return Response(status: status.now, body: [])
        }
        func refusal(status: Int, reason: String, context: Void?) -> Response { Response(status: status, body: []) }
    }

    @Test("are posted one a minute, by one of several processes, and by any while the ledger is away")
    func posted() async throws {
        let (api, time) = (API(), ManualTime())
        let server = try Server(ServerSettings(listen: "127.0.0.1:0"), application: api)
        let ledger = try await Ledger.made(now: { [time] in time.wall.milliseconds })
        let registries = [Metrics(), Metrics()]
        let posters = zip(["a", "b"], registries).map { owner, metrics in
            CanaryPoster(
                url: "http://127.0.0.1:\(server.port)", token: "secret", ledger, owner: owner, metrics: metrics,
                log: Log(process: "test") { _ in }, time: time)
        }
        func count(_ outcome: String) -> Int {
            registries.reduce(0) { sum, metrics in
                let line = metrics.rendered().split(separator: "\n").first { $0.contains("outcome=\"\(outcome)\"} ") }
                return sum + (line?.split(separator: " ").last.flatMap { Int($0) } ?? 0)
            }
        }
        #expect(count("accepted") == 0 && registries[0].families.allSatisfy { $0.missing.isEmpty })
        for poster in posters { try await poster.start() }
        for number in 1...3 {
            try await eventually("order \(number) is posted") { count("accepted") == number }
            time.advance(by: .seconds(60))
        }
        try await eventually("the fourth is posted") { count("accepted") == 4 }
        #expect(Set(api.bodies.now).count == 4 && api.tokens.now.allSatisfy { $0 == "Bearer secret" })
        #expect(api.bodies.now.allSatisfy { $0.contains("\"source\":\"canary\"") })

        api.status.now = 503
        time.advance(by: .seconds(60))
        try await eventually("a refusal is counted") { count("refused") == 1 }
        await ledger.close()
        time.advance(by: .seconds(60))
        try await eventually("both post") { count("refused") == 3 }
        await server.stop(timeout: .seconds(1))
        time.advance(by: .seconds(60))
        try await eventually("nobody answers") { count("unanswered") == 2 }
        for poster in posters { await poster.stop(by: .now + .seconds(2)) }
    }
}
