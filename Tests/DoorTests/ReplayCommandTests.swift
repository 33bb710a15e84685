import CommandLine
import Ledger
import Orders
import Testing

@testable import Door

@Suite("The command replay") struct ReplayCommandTests {
    private static let now = Timestamp(iso8601: "2026-11-24T12:00:00Z")!
    private static let order = "9bff2654e2336c59764f3f3a"

    private func request(_ words: String) throws -> ReplayRequest {
        guard
            case .run(let invocation) = try Action.table.read(
                ["replay"] + words.split(separator: " ").map(String.init))
        else { throw UsageError("help was given") }
        return try ReplayRequest(invocation, now: Self.now, workers: ["confirmations", "crm"])
    }

    @Test("options say what is meant; relative times are frozen")
    func selections() throws {
        let full = try request(
            "--destination email --worker confirmations --from 12h --to 2026-11-24T11:30Z --state dead --reason 550 --rate 5 --again --account Shop"
        )
        #expect(
            full.selection
                == ReplaySelection(
                    worker: "confirmations", destination: "email", from: Timestamp(iso8601: "2026-11-24T00:00:00Z"),
                    to: Timestamp(iso8601: "2026-11-24T11:30:00Z"), states: [.dead], reason: "550", again: true))
        #expect(full.rate == 5 && full.account == "Shop" && !full.isDryRun)
        #expect(
            full.name
                == "dead to email of confirmations from 2026-11-24T00:00:00.000Z to 2026-11-24T11:30:00.000Z")
        let order = try request("--order \(Self.order) --dry-run --name why")
        #expect(order.selection.orders.map(\.text) == [Self.order] && order.selection.states == [.dead, .parked])
        #expect(order.isDryRun && order.name == "why" && order.rate == Replay.usualRate)
        #expect(try request("--from 3d").selection.from == Timestamp(iso8601: "2026-11-21T12:00:00Z"))
        #expect(try request("--to 90m --state parked,done").selection.to == Timestamp(iso8601: "2026-11-24T10:30:00Z"))
        let customer = try request("--customer olena@example.com")
        #expect(customer.customer == "olena@example.com" && !customer.name.contains("@"))
    }

    @Test(
        "what cannot be meant is refused, with what to write instead",
        arguments: [
            ("", "say what is meant"), ("--state dead", "say what is meant"), ("--order 12", "24 digits"),
            ("--destination email --state pending", "dead, parked or done"),
            ("--destination email --state dead,", "dead, parked or done"), ("--from yesterday", "2026-11-24T09:30Z"),
            ("--from 0h", "12h"), ("--from 1h --to 2h", "before"), ("--destination conflict", "no receiver"),
            ("--destination email --worker post", "confirmations, crm"), ("--destination email --rate 0", "10000"),
            ("--customer a@b.c --order \(order)", "exclude"),
        ])
    func refused(words: String, reason: String) throws {
        do {
            _ = try request(words)
            Issue.record("\(words) was accepted")
        } catch let error as WrongUse {
            #expect(error.description.contains(reason), "\(error)")
        }
    }
}
