import Access
import HTTP
import Ledger
import Orders
import Testing

@testable import Ingest

@Suite("Orders on a stopped partition", .timeLimit(.minutes(1)))
struct UnreadOrdersTests {
    private static let order = #"{"externalId":"7","source":"shop","email":"a@b.example","price":"10.00"}"#
    private static let somewhere = "/api/v2/orders/0123456789abcdef01234567"
    private let place = LogPartition(cluster: "c", topic: "orders", partition: 5)

    /// A process all of whose orders lie on partition 5, where these workers have stopped at position 10.
    private func shop(
        stopped: [String] = ["analytics"], scopes: [Scope] = [.read, .write], topic: PlayedTopic = PlayedTopic(),
        partition: Int32? = 5
    ) async throws -> Fixture {
        let shop = try await Fixture(topic: topic, scopes: scopes)
        topic.putEverything(on: partition)
        for worker in ["analytics", "confirmations"] {
            _ = try await shop.ledger.position(of: worker, in: place, base: 10)
        }
        for worker in stopped { try await shop.ledger.noteStop(of: worker, in: place, why: "Records were deleted.") }
        return shop
    }

    @Test("an admin sees that the partition has stopped, where, since when and why", arguments: ["", "/timeline"])
    func admin(part: String) async throws {
        let shop = try await shop(scopes: [.admin])
        let answer = await shop.send(.get, Self.somewhere + part)
        #expect(answer.status == 404 && answer.member("code") == "NOT_VISIBLE")
        for words in [
            "not read: partition stopped", "analytics has stood at position 10 of orders/5",
            "Since \(Fixture.now.iso8601)", "Records were deleted.",
        ] { #expect(answer.text.contains(words), "\(answer.text)") }
        #expect(!answer.text.contains("moment") && answer.fields["Retry-After"] == nil)
    }

    @Test("a shop's program gets no promise, and nothing about internals", arguments: ["", "/timeline"])
    func shop(part: String) async throws {
        let shop = try await shop()
        let answer = await shop.send(.get, Self.somewhere + part)
        #expect(answer.status == 404 && answer.member("code") == "NOT_VISIBLE")
        #expect(answer.text.contains("waiting does not help now") && answer.fields["Retry-After"] == nil)
        for words in ["moment", "partition", "analytics", "deleted"] {
            #expect(!answer.text.contains(words), "\(answer.text)")
        }
    }

    @Test("no answer is held for what will not come", arguments: ["", "/timeline"])
    func waiting(part: String) async throws {
        let shop = try await shop()
        let start = ContinuousClock.now
        let answer = await shop.send(.get, Self.somewhere + part, fields: ["Prefer": "wait=5"])
        #expect(answer.status == 404 && answer.fields["Preference-Applied"] == nil)
        #expect(ContinuousClock.now - start < .seconds(3))
    }

    @Test("a change of an order that is not read is refused without a promise, too")
    func change() async throws {
        let shop = try await shop()
        let answer = await shop.send(.put, Self.somewhere, #"{"userComments":"x"}"#)
        #expect(answer.status == 404 && answer.text.contains("waiting does not help now"), "\(answer.text)")
    }

    @Test("the process that accepted an order shows what it knows, and shows an admin why that is all")
    func known() async throws {
        for scopes in [[Scope.admin], [.read, .write]] {
            let shop = try await shop(scopes: scopes)
            let id = try #require(await shop.send(.post, "/api/v2/orders", Self.order).member("id"))
            for part in ["", "/timeline"] {
                let answer = await shop.send(.get, "/api/v2/orders/\(id)\(part)", fields: ["Prefer": "wait=5"])
                #expect(answer.status == 200 && answer.member("id") == id, "\(answer.text)")
                #expect(answer.fields["Preference-Applied"] == nil)
                let notRead = answer.member("notRead")
                #expect((notRead?.hasPrefix("not read: partition stopped.") == true) == (scopes == [.admin]))
            }
        }
    }

    @Test("where it is not analytics that stopped, or not there, an order will be seen in a moment")
    func others() async throws {
        let shops = [
            try await shop(stopped: ["confirmations"]), try await shop(stopped: []), try await shop(partition: 4),
            // Nobody knows where the order lies: another partitioner is set.
            try await shop(partition: nil),
        ]
        for shop in shops {
            let answer = await shop.send(.get, Self.somewhere)
            #expect(answer.text.contains("in a moment") && answer.fields["Retry-After"] == "1", "\(answer.text)")
        }
    }

    @Test("waiting for a timeline is pointless only if no running worker takes the partition in")
    func timeline() async throws {
        let shop = try await shop()
        try await shop.ledger.heartbeat(process: "p", worker: "confirmations")
        let path = "\(Self.somewhere)/timeline"
        #expect(await shop.send(.get, path).text.contains("in a moment"))
        try await shop.ledger.noteStop(of: "confirmations", in: place, why: "The same.")
        #expect(await shop.send(.get, path).text.contains("waiting does not help now"))
    }

    @Test("once analytics has moved on, orders are awaited as ever")
    func over() async throws {
        let shop = try await shop()
        _ = try await shop.ledger.takeIn(
            IntakeBatch(worker: "analytics", source: place, owner: "o", from: 10, next: 11, entries: []))
        #expect(await shop.send(.get, Self.somewhere).text.contains("in a moment"))
    }
}
