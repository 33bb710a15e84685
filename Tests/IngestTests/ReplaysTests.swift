import Access
import HTTP
import Ledger
import Orders
import Support
import Testing

@testable import Ingest

@Suite("Replays over HTTP") struct ReplaysTests {
    /// A shop with dead deliveries of its own and of another account's.
    private static func shop(scopes: [Scope] = [.admin]) async throws -> Fixture {
        let shop = try await Fixture(scopes: scopes)
        let source = LogPartition(cluster: "c", topic: "orders", partition: 0)
        _ = try await shop.ledger.position(of: "crm", in: source, base: 0)
        let events = [event(1, account: "shop"), event(2, account: "shop"), event(3, account: "other")]
        let rows = try await shop.ledger.takeIn(
            IntakeBatch(
                worker: "crm", source: source, owner: "o", from: 0, next: 3,
                entries: events.enumerated().map { index, event in
                    entry(event, at: Int64(index), .planned([PlannedDelivery(destination: "crm/1")]))
                }, room: ["crm/1": 3]))
        let ends = rows.map { row in
            Completion(
                delivery: row, verdict: .dead(reason: "404: gone"), startedAt: epoch, tookMilliseconds: 1,
                outcome: "permanent", answer: "404: gone")
        }
        _ = try await shop.ledger.complete(ends, owner: "o")
        return shop
    }

    @Test("an account's dead deliveries are counted, replayed and shown; another's are not")
    func replays() async throws {
        let shop = try await Self.shop()
        let dry = await shop.send(.post, "/api/v2/replays", #"{"destination":"crm/1","dryRun":true}"#)
        #expect(dry.status == 200 && dry.text.contains(#""replayed":2"#), "\(dry.text)")
        #expect(dry.text.contains(#""reason":"404: gone","fate":"replayed","count":2"#))
        #expect(try await shop.ledger.replays(limit: 9).isEmpty)
        let made = await shop.send(
            .post, "/api/v2/replays", #"{"connection":"1","state":["dead"],"rate":1,"name":"portal reset"}"#)
        #expect(made.status == 201 && made.member("state") == "running", "\(made.text)")
        #expect(made.member("name") == "portal reset" && made.member("author") == "token \(shop.token.id)")
        let id = try #require(made.member("id"))
        _ = try await shop.ledger.stepReplays(of: "crm")
        let shown = await shop.send(.get, "/api/v2/replays/\(id)")
        #expect(shown.status == 200 && shown.text.contains(#""reached":{"replayed":1"#), "\(shown.text)")
        let ended = await shop.send(.delete, "/api/v2/replays/\(id)")
        #expect(ended.status == 200 && ended.member("state") == "aborted", "\(ended.text)")
        #expect(await shop.send(.delete, "/api/v2/replays/\(id)").member("state") == "aborted")
        #expect(try await shop.ledger.stepReplays(of: "crm") == .nothing)
    }

    /// Calls that change the configuration, or have something done once more; each test above makes them.
    private static let onTrail: Set = ["makeReplay", "abortReplay"]

    @Test("a call with scope admin only looks, or is on the audit trail with the token's id; a new one must say which")
    func trail() async throws {
        let shop = try await Self.shop()
        let changing = API.endpoints(shop.services).filter { $0.scope == .admin && $0.methods != [.get] }
        #expect(Set(changing.map(\.name)) == Self.onTrail)
        let made = await shop.send(
            .post, "/api/v2/replays", #"{"destination":"crm/1","name":"for olena@example.com","rate":1}"#)
        let id = try #require(made.member("id"), "\(made.text)")
        _ = await shop.send(.post, "/api/v2/replays", #"{"destination":"crm/1","dryRun":true}"#)
        // The second time nothing is changed.
        for _ in 0..<2 { _ = await shop.send(.delete, "/api/v2/replays/\(id)") }
        var entries: [TrailEntry] = []
        var filter = TrailFilter()
        filter.subject = id
        try await shop.ledger.trail(filter) { entry in
            entries.append(entry)
            return true
        }
        #expect(entries.map(\.action) == ["replay.make", "replay.abort"])
        #expect(entries.allSatisfy { $0.author == "token \(shop.token.id)" })
        let first = try #require(entries.first)
        #expect(first.account == "shop" && first.after["destination"] == "crm/1" && first.after["expected"] == "2")
        #expect(first.after["name"] == "for …")
    }

    @Test("an operator's replay, or another account's, is not shown")
    func others() async throws {
        let shop = try await Self.shop()
        for account in [nil, "other"] {
            let selection = ReplaySelection(account: account, destination: "crm/1")
            let id = try await shop.ledger.makeReplay(
                selection, tally: try await shop.ledger.tally(selection), name: "n", author: "a", rate: 1)
            for method in [Method.get, .delete] {
                let answer = await shop.send(method, "/api/v2/replays/\(id)")
                #expect(answer.status == 404 && answer.member("code") == "NOT_FOUND", "\(answer.text)")
            }
            #expect(try await shop.ledger.replay(id)?.state == .running)
        }
        #expect(await shop.send(.get, "/api/v2/replays/00").status == 404)
    }

    @Test("replays want the scope admin")
    func scope() async throws {
        let shop = try await Self.shop(scopes: [.read, .write])
        #expect(await shop.send(.post, "/api/v2/replays", #"{"destination":"crm/1"}"#).status == 403)
        #expect(await shop.send(.get, "/api/v2/replays/00").status == 403)
        #expect(await shop.send(.delete, "/api/v2/replays/00").status == 403)
    }

    @Test(
        "what cannot be replayed is refused, saying which member is wrong",
        arguments: [
            ("{}", "WRONG_ORDER"), (#"{"order":["12"]}"#, "WRONG_ORDER"),
            (#"{"destination":"conflict"}"#, "WRONG_DESTINATION"),
            (#"{"destination":"email","state":"pending"}"#, "WRONG_STATE"),
            (#"{"destination":"email","state":"done"}"#, "WRONG_STATE"), (#"{"from":"yesterday"}"#, "WRONG_FROM"),
            (#"{"destination":"email","rate":0}"#, "WRONG_RATE"),
            (#"{"destination":"email","again":"perhaps"}"#, "WRONG_AGAIN"),
            (#"{"destination":"email"}"#, "nothing to replay"), ("{", "BAD_JSON"),
        ])
    func refused(body: String, reason: String) async throws {
        let shop = try await Self.shop()
        let answer = await shop.send(.post, "/api/v2/replays", body)
        #expect(answer.status == (reason == "BAD_JSON" ? 400 : 422), "\(answer.text)")
        #expect(answer.text.contains(reason), "\(answer.text)")
    }
}
