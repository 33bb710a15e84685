import Crypto
import Delivery
import Foundation
import HTTP
import Ledger
import Orders
import Outbound
import Synchronization
import Testing

@testable import CRM

/// Connections of one account whose secrets were sealed with two keys.
@Suite("A SECRETS_KEY that was removed too early") struct OldKeyTests {
    private static let (old, new) = (
        try! SealingKey([UInt8](repeating: 1, count: 32)), try! SealingKey([UInt8](repeating: 2, count: 32))
    )

    private func ledger(_ file: String, _ keys: SealingKeys) async throws -> Ledger {
        let ledger = try Ledger.open(url: "sqlite:\(file)", sealing: keys, now: { 1 })
        try await ledger.migrate()
        return ledger
    }

    @Test("its connection waits and names it, the neighbours' orders go on, and with the key so do its own")
    func neighbours() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "orderrelay-\(UUID().uuidString).db").path
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: file + end) } }
        try await withShop { shop in
            var connection = shop.ledger.state.withLock { $0.connections[0] }
            let before = try await ledger(file, SealingKeys(Self.old))
            try await before.put(connection, by: "test")
            await before.close()

            let early = try await ledger(file, SealingKeys(Self.new))
            connection.id = "c2"
            try await early.put(connection, by: "test")
            var worker = CRMWorker(ledger: early, client: shop.client)
            guard case .configuration(let why) = await worker.adapter(for: "crm/c1")!.attempt(Story(1).attempt()) else {
                Issue.record("it was attempted without its secret")
                return
            }
            #expect(why.contains("connection c1 ") && why.contains("SECRETS_KEY_OLD"), "\(why)")
            #expect(why.contains(Self.old.id) && why.contains(Self.new.id), "\(why)")
            #expect(await worker.adapter(for: "crm/c2")!.attempt(Story(2).attempt()).receipt != nil)
            #expect(shop.deals.count == 1)
            await early.close()

            let healed = try await ledger(file, SealingKeys(Self.new, older: Self.old))
            worker = CRMWorker(ledger: healed, client: shop.client)
            #expect(await worker.adapter(for: "crm/c1")!.attempt(Story(1).attempt()).receipt != nil)
            #expect(shop.deals.count == 2)
            await healed.close()
        }
    }
}
