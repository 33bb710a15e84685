import Access
import Control
import HTTP
import Ledger

extension Endpoint {
    /// Ends a replay of the caller's account.
    static func abortReplay(_ services: Services) -> Endpoint {
        let ledger = services.ledger
        return Endpoint(
            "abortReplay", .delete, path: "/replays/{id}", scope: .admin,
            summary: "ends it: what it has not reached stays as it is; one that has ended stays so"
        ) { call in
            let id = try await ledger.replay(of: call.caller.account, call.parameters["id"] ?? "").id
            _ = try await ledger.abortReplay(id, by: call.author)
            let replay = try await ledger.replay(of: call.caller.account, id)
            return Answer.success { ReplayJSON.write(replay, &$0) }
        }
    }
}
