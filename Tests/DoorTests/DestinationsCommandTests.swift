import Ledger
import Orders
import Testing

@testable import Door

@Suite("What `destinations` prints") struct DestinationsCommandTests {
    private var failing: DestinationStatus {
        DestinationStatus(
            worker: "crm", destination: "crm/c1", kind: "hubspot", account: "acme", state: .failing,
            rows: [.pending: 3, .inFlight: 1, .parked: 0, .dead: 2], oldestDue: Timestamp(milliseconds: 0),
            lastAnswer: LastAnswer(
                at: Timestamp(milliseconds: 1000), outcome: "configuration", text: "401\tno such \"token\"\nreally"))
    }
    private var idle: DestinationStatus {
        DestinationStatus(
            worker: "confirmations", destination: "email", kind: nil, state: .idle, rows: [:], oldestDue: nil)
    }

    @Test("a line has a column for each heading, and an answer cannot look like another line")
    func lines() {
        let columns = DestinationsReport.heading.split(separator: "\t", omittingEmptySubsequences: false).count
        for status in [failing, idle] {
            let cells = DestinationsReport.line(status).split(separator: "\t", omittingEmptySubsequences: false)
            #expect(cells.count == columns)
        }
        #expect(
            DestinationsReport.line(failing) == """
                crm\tcrm/c1\thubspot\tacme\tfailing\t3\t1\t0\t2\t1970-01-01T00:00:00.000Z\t1970-01-01T00:00:01.000Z\t\
                configuration\t401 no such "token" really
                """)
        #expect(DestinationsReport.line(idle) == "confirmations\temail\t-\t-\tidle\t0\t0\t0\t0\t-\t-\t-\t-")
    }

    @Test("an object has the same, without what is not there")
    func objects() {
        #expect(
            DestinationsReport.json(failing) == #"""
                {"worker":"crm","destination":"crm/c1","kind":"hubspot","account":"acme","state":"failing",\#
                "rows":{"pending":3,"in_flight":1,"parked":0,"dead":2},"oldestDue":"1970-01-01T00:00:00.000Z",\#
                "lastAnswer":{"at":"1970-01-01T00:00:01.000Z","outcome":"configuration",\#
                "text":"401\tno such \"token\"\nreally"}}
                """#)
        #expect(
            DestinationsReport.json(idle) == #"""
                {"worker":"confirmations","destination":"email","state":"idle",\#
                "rows":{"pending":0,"in_flight":0,"parked":0,"dead":0}}
                """#)
    }
}
