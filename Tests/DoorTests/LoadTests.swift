import HTTP
import Intake
import Ledger
import Orders
import Testing

@testable import Door

@Suite("A load run") struct LoadTests {
    private let plan = LoadPlan(run: "r", shares: .init(duplicates: 20, bad: 10, payments: 30), distance: 50)

    @Test("the shares are kept, and what refers to an order refers to an earlier one that was sent")
    func shares() {
        var counts: [String: Int] = [:]
        for index in 0..<10_000 {
            switch plan[index] {
            case .order(let number):
                #expect(number == index)
                counts["order", default: 0] += 1
            case .duplicate(let number), .payment(let number):
                #expect(number <= index - plan.distance && plan[number] == .order(number))
                if case .payment = plan[index] {
                    counts["payment", default: 0] += 1
                } else {
                    counts["again", default: 0] += 1
                }
            case .bad: counts["bad", default: 0] += 1
            }
        }
        #expect((3_800...4_300).contains(counts["order"] ?? 0), "\(counts)")
        #expect((1_850...2_150).contains(counts["again"] ?? 0), "\(counts)")
        #expect((850...1_150).contains(counts["bad"] ?? 0), "\(counts)")
        #expect((2_800...3_200).contains(counts["payment"] ?? 0), "\(counts)")
    }

    @Test("what the API must refuse is refused by the reader of orders, the rest is read")
    func bodies() throws {
        let settings = AccountSettings(localeTag: "uk", country: "UA", currencyCode: "UAH")
        let order = try OrderDraft.read(Array(plan.body(of: .order(7)).utf8), settings: settings)
        #expect(order.externalID == "7" && order.source == "load-r")
        #expect(plan.body(of: .duplicate(of: 7)) == plan.body(of: .order(7)))
        _ = try Purchase.read(Array(plan.body(of: .payment(of: 7)).utf8), settings: settings)
        #expect(throws: BodyError.self) {
            try OrderDraft.read(Array(plan.body(of: .bad).utf8), settings: settings)
        }
    }

    @Test("what is accepted is counted once an order; an accepted bad order, and another id for a repeat, are wrong")
    func tally() {
        let (one, other) = (OrderID("000000000000000000000001")!, OrderID("000000000000000000000002")!)
        var tally = LoadTally()
        func note(
            _ request: LoadPlan.Request, _ expected: OrderID, _ outcome: LoadAnswer.Outcome, _ order: OrderID?,
            _ latency: Duration
        ) {
            tally.note(
                LoadAnswer(request: request, expected: expected, outcome: outcome, order: order, latency: latency))
        }
        note(.order(1), one, .status(201), one, .milliseconds(4))
        note(.duplicate(of: 1), one, .status(200), one, .milliseconds(2))
        note(.payment(of: 1), one, .status(201), one, .milliseconds(8))
        note(.order(2), other, .status(503), nil, .seconds(5))
        note(.order(3), other, .unanswered(.timedOut), nil, .seconds(10))
        note(.bad, other, .status(422), nil, .milliseconds(1))
        #expect(tally.accepted == [one: 1] && tally.wrongCount == 0)
        #expect(
            tally.outcomes == [
                .status(201): 2, .status(200): 1, .status(503): 1, .unanswered(.timedOut): 1, .status(422): 1,
            ])
        #expect(tally.latencies(at: [0.5, 1]) == [4, 8])
        note(.duplicate(of: 1), one, .status(200), other, .milliseconds(2))
        note(.bad, other, .status(201), other, .milliseconds(2))
        #expect(tally.wrongCount == 2)
        let lines = LoadTable.lines(tally, sent: 8, during: .seconds(2))
        #expect(lines.first == "requests\t8\t4.0/s" && lines.contains("unanswered\ttimed out\t1"))
        #expect(lines.contains("latency\tlongest\t8.0 ms") && lines.last == "payments accepted\t1")
    }

    @Test("an order has arrived once every worker is done with each of its events")
    func proof() {
        let workers = ["confirmations", "analytics"].map { WorkerDeclaration($0, topics: ["orders"]) }
        let proof = LoadProof(workers: workers)
        func entry(_ kind: TimelineEntry.Kind, _ worker: String?, _ event: String, type: String? = nil)
            -> TimelineEntry
        {
            var entry = TimelineEntry(
                at: Timestamp(milliseconds: 0), kind: kind, worker: worker, detail: ["event": event])
            entry.detail["type"] = type
            return entry
        }
        var timeline = [entry(.accepted, nil, "o.created", type: "orderrelay.order.created")]
        #expect(proof.verdict([], payments: 0) == .underWay && proof.verdict(timeline, payments: 0) == .underWay)
        timeline += [entry(.counted, "analytics", "o.created"), entry(.planned, "confirmations", "o.created")]
        #expect(proof.verdict(timeline, payments: 0) == .underWay)
        #expect(
            proof.verdict(timeline + [entry(.parked, "confirmations", "o.created")], payments: 0)
                == .gaveUp(worker: "confirmations"))
        timeline.append(entry(.done, "confirmations", "o.created"))
        #expect(proof.verdict(timeline, payments: 0) == .arrived)
        #expect(proof.verdict(timeline, payments: 1) == .underWay, "the payment was accepted, and is not there")
        timeline += [
            entry(.accepted, nil, "o.paid.1", type: "orderrelay.order.paid"), entry(.counted, "analytics", "o.paid.1"),
        ]
        #expect(proof.verdict(timeline, payments: 1) == .underWay)
        #expect(proof.verdict(timeline + [entry(.skipped, "confirmations", "o.paid.1")], payments: 1) == .arrived)
    }
}
