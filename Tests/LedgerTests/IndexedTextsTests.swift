import Database
import Ledger
import Orders
import Support
import Testing

@Suite("Texts in indexes") struct IndexedTextsTests {
    /// Texts that no database makes shorter, of scalars of four bytes.
    private struct Noise {
        var generator = SystemRandomNumberGenerator()

        mutating func text(_ count: Int) -> String {
            let scalars = (0..<count).map { _ in
                Unicode.Scalar(UInt32.random(in: 0x2_0000...0x2_A6DF, using: &generator))!
            }
            return String(String.UnicodeScalarView(scalars))
        }
    }

    /// A ledger in which `analytics` takes one record after another in.
    private struct Bench {
        let fixture: Fixture
        let draft: OrderDraft

        init(_ maker: LedgerMaker) async throws {
            fixture = try await Fixture(maker)
            _ = try await fixture.ledger.position(of: "analytics", in: partition, base: 0)
            guard case .created(let draft) = event(1).content else { fatalError() }
            self.draft = draft
        }

        func change(_ changes: ReadModelChange...) async throws {
            let next = try await fixture.ledger.position(of: "analytics", in: partition)!.next
            var batch = batch([event(Int(next))], from: next, worker: "analytics")
            batch.entries[0].disposition = .planned([])
            batch.changes = changes
            _ = try await fixture.ledger.takeIn(batch)
        }

        func order(account: String = "acme", _ edit: (inout OrderDraft) -> Void = { _ in }) -> ReadModelChange {
            var draft = draft
            edit(&draft)
            let value = Event(
                id: "e", account: account, order: orderID(1), time: epoch, traceparent: nil, content: .created(draft)
            ).encoded().value
            return .order(
                OrderRow(
                    id: orderID(1), account: account, draft: draft, creation: value, status: .pending, price: nil,
                    createdAt: epoch, updatedAt: epoch))
        }

        func count(_ account: String, _ offer: String, _ source: String) -> ReadModelChange {
            var one = Statistics()
            one.orders = 1
            let key = StatisticsKey(
                account: account, currency: "UAH", offer: offer, source: source, minute: 1, partition: 3)
            return .count(key, one)
        }

        func buyer(_ account: String, _ offer: String, _ source: String) -> ReadModelChange {
            let buyer = String(repeating: "b", count: 32)
            return .buyer(SaleBuyer(account: account, offer: offer, source: source, minute: 1, buyer: buyer))
        }

        /// A change that brings a sum beyond 64 bits, after the one that fills it.
        func overflow() async throws -> [ReadModelChange] {
            var all = Statistics()
            all.totalSale = .max
            let key = StatisticsKey(account: "sum", currency: "UAH", offer: "", source: "", minute: 1, partition: 3)
            try await change(.count(key, all))
            return [.count(key, all)]
        }

        func orders() async throws -> Int64 { try await fixture.number("SELECT count(*) FROM orders") }
    }

    @Test(
        "what stays within the bounds fits every database's indexes, however little it can be compressed",
        arguments: LedgerMaker.all)
    func fits(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        var noise = Noise()
        let account = noise.text(255)
        let (externalID, email) = (noise.text(255), noise.text(255))
        try await bench.change(
            bench.order(account: account) {
                $0.externalID = externalID
                $0.buyer.email = email
            })
        // 2,600 bytes with the currency's three, and with the buyer's 32.
        let (offer, source) = (noise.text(255), noise.text(139) + "s")
        try await bench.change(bench.count(account, offer, source))
        try await bench.change(bench.buyer(account, offer, noise.text(132)))
        #expect(try await bench.orders() == 1)
        let all = StatisticsFilter(account: account, minutes: 0..<2)
        #expect(try await bench.fixture.ledger.statistics(all).map(\.key.source) == [source])
        #expect(try await bench.fixture.ledger.uniqueBuyers(all) == 1)
    }

    @Test(
        "what is over them is refused as data by every database, with its name and without its words; nothing holds",
        arguments: LedgerMaker.all)
    func over(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        var noise = Noise()
        let (most, over) = (noise.text(255), noise.text(256))
        let refused: [(ReadModelChange, String)] = [
            (bench.order(account: over), "account: 256 characters"),
            (bench.order { $0.externalID = over }, "external id: 256 characters"),
            (bench.order { $0.buyer.email = over }, "email: 256 characters"),
            (bench.count("acme", over, ""), "offer: 256 characters"),
            (bench.count("acme", "", over), "source: 256 characters"),
            (bench.count(most, most, most), "account, currency, offer, source: 3063 bytes together"),
            (bench.buyer(most, most, most), "account, offer, source, buyer: 3092 bytes together"),
            // On PostgreSQL U+0000 takes three bytes.
            (bench.count(most, most, noise.text(100) + String(repeating: "\0", count: 100)), "2743 bytes together"),
        ]
        for (change, words) in refused {
            let error = await #expect(throws: LedgerError.self) { try await bench.change(change) }
            #expect(error?.code == .data && error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains(over) == false)
        }
        for (id, key) in [(over, "k"), ("e", over)] {
            var batch = batch([event(1)], worker: "analytics")
            (batch.entries[0].id, batch.entries[0].key) = (id, key)
            await expect(.data) { try await bench.fixture.ledger.takeIn(batch) }
        }
        #expect(try await bench.orders() == 0)
        #expect(try await bench.fixture.ledger.position(of: "analytics", in: partition)?.next == 0)
    }

    @Test(
        "what the database itself refuses is told so, with its code and without our statement",
        arguments: LedgerMaker.all.filter(\.isPostgreSQL))
    func native(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        // One text to PostgreSQL, two to us; and a sum beyond 64 bits.
        let twice = [bench.count("acme", "\0", ""), bench.count("acme", "\u{FFFD}", "")]
        var batch = batch([event(9)], from: 1, worker: "analytics")
        for (changes, code) in [(try await bench.overflow(), "22003"), (twice, "21000")] {
            batch.changes = changes
            let error = await #expect(throws: LedgerError.self) { try await bench.fixture.ledger.takeIn(batch) }
            #expect(error?.code == .data)
            #expect(error?.message == "the database takes no such value (\(code))")
        }
        batch.changes = [twice[0]]
        _ = try await bench.fixture.ledger.takeIn(batch)
        try await bench.change(twice[1])
    }
}
