import CommandLine
import Crypto
import FoundationEssentials
import HTTP
import Ledger
import Orders

/// `load`: sends orders at a rate, and proves that each one that was accepted has arrived everywhere.
enum LoadCommand {
    static let action = Action(
        Command(
            "load",
            options: [
                Option("url", value: "URL", "address of the API (default: \(usualURL))"),
                Option("token-file", value: "FILE", isRequired: true, "file with the token; - reads standard input"),
                Option("rate", value: "N", "requests a second, sent on time whatever the answers (default: 5)"),
                Option("seconds", value: "N", "how long (default: 60)"),
                Option("duplicates", value: "PERCENT", "orders that are sent once more"),
                Option("bad", value: "PERCENT", "orders that must be refused"),
                Option("payments", value: "PERCENT", "payments of earlier orders"),
                Option("connections", value: "N", "connections at most (default: 64)"),
                Option("patience", value: "SECONDS", "how long to wait until one more has arrived (default: 60)"),
            ],
            "sends orders at a rate, and proves that each accepted one arrives at every worker: use an account made for it, since they are orders like any other"
        )
    ) { base, invocation in try await base.withLedger { try await run(base, $0, invocation) } }

    private static let usualURL = "http://127.0.0.1:8080/api/v2"
    /// Requests of one run: what is noted of each is kept until its end.
    private static let requestsMaximum = 5_000_000
    /// Requests that refer to an order come this much later.
    private static let answeredAfterSeconds = 2

    private static func run(_ base: Base, _ ledger: Ledger, _ invocation: Invocation) async throws {
        let rate = try invocation.number("rate", in: 1...20_000) ?? 5
        let seconds = try invocation.number("seconds", in: 1...86_400) ?? 60
        guard rate * seconds <= requestsMaximum else {
            throw WrongUse("--rate times --seconds must be at most \(requestsMaximum), not \(rate * seconds)")
        }
        let shares = LoadPlan.Shares(
            duplicates: try invocation.number("duplicates", in: 0...90) ?? 0,
            bad: try invocation.number("bad", in: 0...90) ?? 0,
            payments: try invocation.number("payments", in: 0...90) ?? 0)
        guard shares.sum <= 90 else {
            throw WrongUse("--duplicates, --bad and --payments must be at most 90 together, not \(shares.sum)")
        }
        let patience = try invocation.number("patience", in: 1...86_400) ?? 60
        let client = Client(connectionsMaximum: try invocation.number("connections", in: 1...4_096) ?? 64)
        defer { client.close() }
        let url = invocation.value("url") ?? usualURL
        let token = try SecretFile.read(invocation.value("token-file") ?? "")
        let run = LoadRun(
            plan: LoadPlan(
                run: hexadecimal(randomBytes(4)), shares: shares, distance: rate * answeredAfterSeconds), url: url,
            token: token, account: try await account(url, token, client), perSecond: rate, count: rate * seconds,
            client: client)

        let began = ContinuousClock.now
        var line = ProgressLine("load", unit: "requests", log: base.log)
        let tally = try await run.send { line.tell(Int64($0), of: Int64(run.count)) }
        line.end()
        let lines = LoadTable.lines(tally, sent: run.count, during: began.duration(to: .now))
        for line in lines { StandardOutput.write(line) }
        try await LoadWait(ledger, account: run.account, patience: .seconds(patience), log: base.log)
            .prove(tally.accepted)
        guard tally.wrongCount == 0 else {
            throw Failure("\(tally.wrongCount) requests were accepted that should not have been, or under another id")
        }
    }

    private struct Caller: Decodable {
        struct Members: Decodable { var account: Named }
        struct Named: Decodable { var id: String }
        var data: Members
    }

    /// Whose the token is, by the API itself.
    private static func account(_ url: String, _ token: String, _ client: Client) async throws -> String {
        let answer: Response
        do {
            answer = try await client.send(
                ClientRequest(.get, "\(url)/me", fields: ["Authorization": "Bearer \(token)"]))
        } catch { throw NotReady("the API at \(url) does not answer: \(error.message)") }
        guard answer.status == 200, let caller = try? JSONDecoder().decode(Caller.self, from: Data(answer.body)) else {
            throw Failure("the API at \(url) answered \(answer.status) to GET /me: check --url and the token")
        }
        return caller.data.account.id
    }
}
