import Access
import Control
import HTTP
import Ledger

extension Endpoint {
    /// How far a replay of the caller's account is.
    static func showReplay(_ services: Services) -> Endpoint {
        let ledger = services.ledger
        return Endpoint(
            "showReplay", .get, path: "/replays/{id}", scope: .admin,
            summary: "what it was expected to be, how far it is, and which deliveries it left out"
        ) { call in
            let replay = try await ledger.replay(of: call.caller.account, call.parameters["id"] ?? "")
            let leftOut = try await ledger.leftOut(of: replay.id, limit: ReplayTally.namedMaximum)
            return Answer.success { ReplayJSON.write(replay, leftOut: leftOut, &$0) }
        }
    }
}

extension Ledger {
    /// A replay that was made for this account; a 404 where there is none, or it is somebody else's.
    func replay(of account: AccountRecord, _ id: String) async throws -> Replay {
        guard let replay = try await replay(id), replay.account == account.id else {
            throw Refusal(404, .notFound, "There is no replay \(id.prefix(40)) of this account.")
        }
        return replay
    }
}
