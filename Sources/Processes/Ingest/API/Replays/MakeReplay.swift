import Access
import Control
import HTTP
import JSON
import Ledger
import Orders

extension Endpoint {
    /// Deliveries of the caller's account that are to be attempted once more.
    static func makeReplay(_ services: Services) -> Endpoint {
        let ledger = services.ledger
        return Endpoint(
            "makeReplay", .post, path: "/replays", scope: .admin, body: .fields,
            summary:
                "has deliveries attempted once more: `order`, `destination`, `connection`, `worker`, `from`, `to`, "
                + "`state`, `reason`, `again`, `rate`, `name`; `dryRun` counts only"
        ) { call in
            let account = call.caller.account
            let options = try ReplayOptions(try call.body.members(), account)
            let tally = try await Refusal.ofReplays { () throws(LedgerError) in
                try await ledger.tally(options.selection, atMost: ReplayOptions.lookedMaximum)
            }
            if options.isDryRun { return Answer.success { ReplayJSON.write(tally, &$0) } }
            let id = try await Refusal.ofReplays { () throws(LedgerError) in
                try await ledger.makeReplay(
                    options.selection, tally: tally, name: options.name, author: call.author, rate: options.rate)
            }
            let replay = try await ledger.replay(of: account, id)
            return Answer.success(status: 201) { ReplayJSON.write(replay, &$0) }
        }
    }
}

extension Refusal {
    /// What a replay cannot be made of is a fault of the caller's.
    fileprivate static func ofReplays<Success>(
        _ work: () async throws(LedgerError) -> Success
    ) async throws -> Success {
        do throws(LedgerError) { return try await work() } catch {
            guard error.code == .data else { throw error }
            throw Refusal(422, .formatError, "\(error.message.prefix(1).uppercased())\(error.message.dropFirst()).")
        }
    }
}
