import Database
import Orders
import Support
import Testing

@testable import Ledger

@Suite("Taking in") struct IntakeTests {
    @Test("a batch is taken in as a whole: events, rows, books and position", arguments: LedgerMaker.all)
    func takesIn(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        let position = try await ledger.position(of: "confirmations", in: partition, base: 0)
        #expect(position == Position(base: 0, next: 0))
        let leased = try await ledger.takeIn(batch([event(1), event(2)], room: 1))
        #expect(leased.map(\.key) == [orderID(1).text])
        #expect(leased.first?.leaseNumber == 1 && leased.first?.attempt == 0)
        let after = try await ledger.position(of: "confirmations", in: partition)
        #expect(after?.next == 2 && after?.planned == 2 && after?.lastEvent == event(2).id)
        #expect(after?.lastTime == event(2).time)
        let stored = try await ledger.event(event(1).id, worker: "confirmations")
        #expect(try stored?.orderEvent() == event(1) && stored?.offset == 0 && stored?.source == partition)
        let books = try await ledger.books(of: "confirmations")
        #expect(books.map(\.unaccounted) == [0] && books.map(\.planned) == [2])
        #expect(books.first?.rows == [.inFlight: 1, .pending: 1])
    }

    @Test("the fence refuses a second owner, and nothing of its batch holds", arguments: LedgerMaker.all)
    func fenceRefuses(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        _ = try await ledger.position(of: "confirmations", in: partition, base: 0)
        _ = try await ledger.takeIn(batch([event(1), event(2)], owner: "a"))
        await expect(.fenced) { try await ledger.takeIn(batch([event(1), event(3)], owner: "b")) }
        await expect(.fenced) { try await ledger.takeIn(batch([event(4)], from: 7, owner: "b")) }
        #expect(try await fixture.number("SELECT count(*) FROM deliveries WHERE worker <> ''") == 2)
        #expect(try await fixture.number("SELECT count(*) FROM events") == 2)
        #expect(try await ledger.position(of: "confirmations", in: partition)?.next == 2)
        _ = try await ledger.takeIn(batch([event(3)], from: 2, owner: "a"))
    }

    @Test(
        "a wrong position breaks nothing of other partitions that wait for the same commit", arguments: LedgerMaker.all)
    func wrongPositionIsAlone(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        for number in 0..<20 {
            let source = LogPartition(cluster: "c", topic: "orders", partition: Int32(number))
            _ = try await ledger.position(of: "confirmations", in: source, base: 0)
        }
        let fenced = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    var batch = batch([event(number)])
                    batch.source.partition = Int32(number)
                    if number % 4 == 0 {
                        batch.from = 5
                        batch.next = 6
                        batch.entries[0].offset = 5
                    }
                    do throws(LedgerError) {
                        _ = try await ledger.takeIn(batch)
                        return false
                    } catch { return error.code == .fenced }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(fenced == 5)
        #expect(try await fixture.number("SELECT count(*) FROM deliveries WHERE worker <> ''") == 15)
    }

    @Test("a partition that was never asked for has no position to move", arguments: LedgerMaker.all)
    func noPosition(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        await expect(.fenced) { try await fixture.ledger.takeIn(batch([event(1)])) }
        #expect(try await fixture.number("SELECT count(*) FROM events") == 0)
    }

    @Test(
        "gaps of the log are skipped, folded records are counted, poison is known without a digest",
        arguments: LedgerMaker.all)
    func dispositions(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        _ = try await ledger.position(of: "crm", in: partition, base: 10)
        let poison = IntakeEntry(
            offset: 14, event: nil, id: "c/orders/3/14", key: "c/orders/3/14", time: event(1).time,
            disposition: .skipped(reason: "poison"))
        var batch = IntakeBatch(
            worker: "crm", source: partition, owner: "a", from: 10, next: 17,
            entries: [
                entry(event(1), at: 10, .planned([])), entry(event(1), at: 12, .folded),
                entry(event(2), at: 13, .skipped(reason: "no destination")), poison,
            ])
        _ = try await ledger.takeIn(batch)
        let position = try await ledger.position(of: "crm", in: partition)
        #expect(position?.planned == 1 && position?.folded == 1 && position?.skipped == 5 && position?.next == 17)
        let known = try await ledger.known([event(1).id, event(2).id, event(3).id, "c/orders/3/14"], to: "crm")
        #expect(known.count == 3)
        #expect(known[event(1).id] == .some(event(1).digest))
        #expect(known["c/orders/3/14"] == .some(nil))
        #expect(try await ledger.known([event(1).id], to: "analytics").isEmpty)
        batch.entries.swapAt(0, 1)
        batch.from = 17
        batch.next = 24
        await expect(.other) { try await ledger.takeIn(batch) }
    }

    @Test("an event that was taken in meanwhile is told as something to try again", arguments: LedgerMaker.all)
    func duplicateEvent(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        _ = try await ledger.position(of: "confirmations", in: partition, base: 0)
        _ = try await ledger.takeIn(batch([event(1)]))
        await expect(.unavailable) { try await ledger.takeIn(batch([event(1)], from: 1)) }
        #expect(try await ledger.position(of: "confirmations", in: partition)?.next == 1)
    }

    @Test("rows born declined or parked are in the books, and a parked one holds its key", arguments: LedgerMaker.all)
    func bornDecided(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        _ = try await ledger.position(of: "confirmations", in: partition, base: 0)
        var batch = batch([event(1), event(1, update: 1), event(2), event(2, update: 1)], room: 10)
        let parked = PlannedDelivery(destination: "email", parked: "conflict")
        let declined = PlannedDelivery(destination: "email", declined: "isNotifyAccount=false")
        batch.entries[0].disposition = .planned([parked])
        batch.entries[2].disposition = .planned([declined])
        let leased = try await ledger.takeIn(batch)
        #expect(leased.map(\.eventID) == [event(2, update: 1).id])
        let books = try await ledger.books(of: "confirmations")
        #expect(books.first?.rows == [.parked: 1, .pending: 1, .skipped: 1, .inFlight: 1])
        #expect(books.map(\.unaccounted) == [0])
        #expect(try await ledger.takeDue(worker: "confirmations", destination: "email", limit: 10, owner: "a").isEmpty)
    }

    @Test("only the first of a key is leased at insertion, here and across batches", arguments: LedgerMaker.all)
    func leasedAtInsertion(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        _ = try await ledger.position(of: "confirmations", in: partition, base: 0)
        let first = try await ledger.takeIn(batch([event(1), event(1, update: 1), event(2)], room: 10))
        #expect(first.map(\.eventID) == [event(1).id, event(2).id])
        let second = try await ledger.takeIn(batch([event(1, update: 2), event(3)], from: 3, room: 10))
        #expect(second.map(\.eventID) == [event(3).id])
        #expect(try await ledger.leased(to: "a", worker: "confirmations") == first + second)
    }

    @Test("a batch of many rows keeps its order in ids and in events", arguments: LedgerMaker.all)
    func manyRows(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        _ = try await ledger.position(of: "confirmations", in: partition, base: 0)
        let events = (0..<333).map { event($0 % 50, update: $0) }
        _ = try await ledger.takeIn(batch(events))
        let rows = try await fixture.database.read(
            Statement("SELECT event_id FROM deliveries WHERE worker <> '' ORDER BY id"))
        #expect(rows.compactMap { $0[0].text } == events.map(\.id))
        let ofKey = try await ledger.events(ofKey: orderID(7).text, worker: "confirmations")
        #expect(try ofKey.map { try $0.orderEvent() } == events.filter { $0.order == orderID(7) })
    }
}
