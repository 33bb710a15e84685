import Database
import Foundation
import Ledger
import Orders
import Support

/// Rows per second of the ledger, each commit synchronised.
///
/// Events of about 1 KB, two destinations each; a row's way is planned → taken → completed with an attempt.
enum LedgerBenchmark {
    static let usage = "[EVENTS] \(LedgerPlaces.usage)"
    static let destinations: [Destination] = ["email", "crm/1"]
    static let batchSize = 100

    @Sendable static func run(_ words: [String]) async throws {
        let events = words.first.flatMap(Int.init) ?? 10_000
        let places = try await LedgerPlaces(words)
        defer { withExtendedLifetime(places) {} }
        print(places.words)
        print("\(events) events of \(event(0).encoded().value.count) bytes, \(destinations.count) destinations")
        try await phases(events, url: try await places.url("phases"))
        for clients in [1, 2, 4] {
            try await wholeWay(events, clients: clients, isShared: false, url: try await places.url("apart\(clients)"))
        }
        try await wholeWay(events, clients: 4, isShared: true, url: try await places.url("shared"))
        try await manyDestinations(url: try await places.url("destinations"))
        try await singleCommits(url: try await places.url("single"))
        try await neighbour(url: try await places.url("neighbour"))
        try await besideBacklog(events * 4, url: try await places.url("backlog"))
    }

    /// A server whose disk is as slow as wanted.
    ///
    /// - Parameter settings: others than usual, as `full_page_writes=off`.
    static func server(diskMilliseconds: Int, settings: [String] = []) async throws -> PostgreSQLServer {
        let settings =
            [
                "fsync=on", "max_connections=100", "shared_buffers=512MB", "max_wal_size=4GB",
                "wal_sync_method=fdatasync", "autovacuum_naptime=10s",
            ] + settings
        guard diskMilliseconds > 0 else { return try await PostgreSQLServer(settings: settings) }
        let library = "/tmp/orderrelay-slow-disk.so"
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "SlowDisk/SlowDisk.c").path
        _ = try await onThread {
            try runCommand(["cc", "-shared", "-fPIC", "-O1", "-o", library, source])
        }
        return try await PostgreSQLServer(
            settings: settings, variables: ["LD_PRELOAD": library, "SLOW_DISK_MS": "\(diskMilliseconds)"])
    }

    /// Has a database's time go on by so many days.
    static func shift(by days: Int64, _ server: PostgreSQLServer, _ database: String) async throws {
        try await server.sql(
            """
            CREATE OR REPLACE FUNCTION now_ms() RETURNS bigint STABLE LANGUAGE sql AS
              'SELECT CAST(floor(extract(epoch FROM statement_timestamp()) * 1000) AS bigint) + \(days * 86_400_000)'
            """, database: database)
    }

    // MARK: Measurements

    /// Intake alone, then taking and completing alone, as one worker process does them.
    private static func phases(_ events: Int, url: String) async throws {
        let ledger = try await open(url)
        let rows = events * destinations.count
        let intake = try await seconds { try await takeIn(0..<events, partition: 0, room: 0, ledger, owner: "a") }
        report("take in, one partition, batches of \(batchSize)", rows, intake)
        let delivery = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for destination in destinations {
                    group.addTask { try await deliver(destination, ledger, owner: "a") }
                }
                try await group.waitForAll()
            }
        }
        report("take and complete, 64 at once", rows, delivery)
        let books = try await ledger.books(of: "w")
        precondition(
            books.allSatisfy { $0.unaccounted == 0 && $0.rows[.done] == Int64(events) }, "the books do not balance")
        let audit = try await seconds { _ = try await ledger.books(of: "w") }
        print("  books of \(rows) rows: \(Int(audit * 1_000)) ms")
        await ledger.close()
    }

    /// Planned to done, each client a partition of its own; on a connection of its own as processes have, or on one.
    private static func wholeWay(_ events: Int, clients: Int, isShared: Bool, url: String) async throws {
        let first = try await open(url)
        var ledgers = [first]
        for _ in 1..<max(2, clients) { ledgers.append(isShared ? first : try await open(url)) }
        let share = events / clients
        let time = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<clients {
                    let ledger = ledgers[client]
                    group.addTask {
                        let range = client * share..<(client + 1) * share
                        try await takeIn(
                            range, partition: Int32(client), room: batchSize, ledger, owner: "\(client)",
                            isCompleting: true)
                    }
                }
                try await group.waitForAll()
            }
        }
        report(
            "planned to done, \(clients) \(isShared ? "tasks of one process" : "processes")", share * clients * 2, time)
        for ledger in ledgers { await ledger.close() }
    }

    /// Rows of many destinations taken together and completed, by four processes at once, each with destinations of its own.
    private static func manyDestinations(url: String) async throws {
        let (processes, destinationsEach, rowsEach, rounds) = (4, 96, 8, 10)
        var ledgers: [Ledger] = []
        for _ in 0..<processes { ledgers.append(try await open(url)) }
        for process in 0..<processes {
            let source = LogPartition(cluster: "c", topic: "orders", partition: Int32(process))
            var next = try await ledgers[process].position(of: "w", in: source, base: 0).next
            for round in 0..<(rounds * rowsEach) {
                let number = process * 10_000 + round
                let entry = entry(
                    event(number), at: next,
                    .planned(
                        (0..<destinationsEach).map { PlannedDelivery(destination: Destination("d/\(process)/\($0)")) }))
                _ = try await ledgers[process].takeIn(
                    IntakeBatch(
                        worker: "w", source: source, owner: "\(process)", from: next, next: next + 1, entries: [entry]))
                next += 1
            }
        }
        let time = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (process, ledger) in ledgers.enumerated() {
                    group.addTask {
                        for _ in 0..<rounds {
                            for start in stride(from: 0, to: destinationsEach, by: 16) {
                                let limits = (start..<(start + 16)).map {
                                    (Destination("d/\(process)/\($0)"), rowsEach)
                                }
                                let taken = try await ledger.takeDue(
                                    worker: "w", Dictionary(uniqueKeysWithValues: limits), owner: "\(process)")
                                try await complete(Array(taken.values.joined()), ledger, owner: "\(process)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let rows = processes * destinationsEach * rowsEach * rounds
        report("take and complete, 16 of 96 destinations together, 8 rows of each, 4 processes", rows, time)
        for ledger in ledgers { await ledger.close() }
    }

    /// One small transaction after another, and 64 at once: what committing together is worth.
    private static func singleCommits(url: String) async throws {
        let ledger = try await open(url)
        let one = try await seconds {
            for number in 0..<300 { try await ledger.putLink(connection: "c", ours: "\(number)", theirs: "1") }
        }
        report("small transactions, one after another", 300, one)
        let many = try await seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        for number in 0..<100 {
                            try await ledger.putLink(connection: "c", ours: "\(task)/\(number)", theirs: "1")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        report("small transactions, 64 at once", 6_400, many)
        await ledger.close()
    }

    /// How long a process waits for the lock while another one never lets its queue run empty.
    private static func neighbour(url: String) async throws {
        let (busy, quiet) = (try await open(url), try await open(url))
        let waits = try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<64 {
                group.addTask {
                    for number in 0..<100_000 where !Task.isCancelled {
                        try await busy.putLink(connection: "c", ours: "\(task)/\(number % 100)", theirs: "1")
                    }
                }
            }
            var waits: [Double] = []
            for number in 0..<200 {
                waits.append(
                    try await seconds { try await quiet.putLink(connection: "d", ours: "\(number)", theirs: "1") })
            }
            group.cancelAll()
            return waits.sorted()
        }
        report("a small transaction beside a busy process", waits)
        await busy.close()
        await quiet.close()
    }

    /// A small transaction beside twelve partitions of its own process that are all behind.
    @Sendable static func runBacklog(_ words: [String]) async throws {
        let places = try await LedgerPlaces(words)
        defer { withExtendedLifetime(places) {} }
        print(places.words)
        try await besideBacklog(words.first.flatMap(Int.init) ?? 100_000, url: try await places.url("backlog"))
        print("    goal: p99 25 ms")
    }

    /// The same beside twelve partitions of its own process that are all behind.
    private static func besideBacklog(_ events: Int, url: String) async throws {
        let partitions = 12
        let ledger = try await open(url)
        let share = events / partitions
        let isTakenIn = Shared(false)
        let intake = Task {
            defer { isTakenIn.now = true }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for partition in 0..<partitions {
                    let numbers = partition * share..<(partition + 1) * share
                    group.addTask {
                        try await takeIn(numbers, partition: Int32(partition), room: 0, ledger, owner: "a")
                    }
                }
                try await group.waitForAll()
            }
        }
        var waits: [Double] = []
        while !isTakenIn.now {
            waits.append(
                try await seconds { try await ledger.putLink(connection: "d", ours: "\(waits.count)", theirs: "1") })
        }
        try await intake.value
        report(
            "a small transaction beside \(partitions) partitions that are behind, \(waits.count) of them",
            waits.sorted())
        await ledger.close()
    }

    // MARK: Work

    static func takeIn(
        _ numbers: Range<Int>, partition: Int32, room: Int, _ ledger: Ledger, owner: String, isCompleting: Bool = false
    ) async throws {
        let source = LogPartition(cluster: "c", topic: "orders", partition: partition)
        var next = try await ledger.position(of: "w", in: source, base: 0).next
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: batchSize) {
            let events = (start..<min(start + batchSize, numbers.upperBound)).map(event)
            let entries = events.enumerated().map { index, event in
                entry(event, at: next + Int64(index), .planned(destinations.map { PlannedDelivery(destination: $0) }))
            }
            let batch = IntakeBatch(
                worker: "w", source: source, owner: owner, from: next, next: next + Int64(entries.count),
                entries: entries, room: Dictionary(uniqueKeysWithValues: destinations.map { ($0, room) }))
            let leased = try await ledger.takeIn(batch)
            next = batch.next
            if isCompleting {
                precondition(leased.count == entries.count * destinations.count, "not all rows were leased")
                try await complete(leased, ledger, owner: owner)
            }
        }
    }

    private static func deliver(_ destination: Destination, _ ledger: Ledger, owner: String) async throws {
        while true {
            let rows = try await ledger.takeDue(worker: "w", destination: destination, limit: 64, owner: owner)
            if rows.isEmpty { return }
            try await complete(rows, ledger, owner: owner)
        }
    }

    private static func complete(_ rows: [LeasedDelivery], _ ledger: Ledger, owner: String) async throws {
        let completions = rows.map { row in
            Completion(
                delivery: row, verdict: .done, startedAt: Timestamp(milliseconds: now()), tookMilliseconds: 3,
                outcome: "done", answer: "250 2.0.0 Ok: queued as 4F1A2B3C", receipt: ["messageId": "<\(row.id)@x>"])
        }
        let written = try await ledger.complete(completions, owner: owner)
        precondition(written.count == rows.count, "an outcome was not written")
    }

    static func event(_ number: Int) -> Event {
        let order = OrderID(String(format: "%024x", number))!
        var draft = OrderDraft(locale: .uk)
        draft.externalID = "shop-\(number)"
        draft.title = "Курс «Подорож до мрії», повний доступ"
        draft.price = Money(minorUnits: 123_400, currency: Currency("UAH")!)
        draft.buyer = Buyer(name: "Олена Петренко", email: "buyer\(number)@example.org", phone: "+380501234567")
        draft.items = (0..<4).map { index in
            Item(title: "Модуль \(index): практика й розбір", quantity: 1, price: draft.price, sku: "SKU-\(index)")
        }
        draft.utm = [.source: "instagram", .medium: "cpc", .campaign: "summer"]
        return Event(
            id: EventID.created(order).text, account: "acme", order: order, time: Timestamp(milliseconds: now()),
            traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", content: .created(draft))
    }

    // MARK: Tools

    /// As a process does: a connection for intake, one for the rest, one for reading.
    static func open(_ url: String) async throws -> Ledger {
        let ledger = try Ledger.open(
            url: url, postgreSQL: PostgreSQLOptions(name: "benchmark", bulk: 1, brisk: 1, reading: 1), sealing: nil,
            now: { now() })
        try await ledger.migrate()
        return ledger
    }

    private static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    static func seconds(_ work: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await work()
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    private static func report(_ what: String, _ waits: [Double]) {
        let figures = [0.5, 0.9, 0.99, 1].map { Int(waits[Int(Double(waits.count - 1) * $0)] * 1_000) }
        print("  \(what): p50, p90, p99, longest \(figures) ms")
    }

    private static func report(_ what: String, _ rows: Int, _ seconds: Double) {
        print("  \(what): \(Int(Double(rows) / seconds)) rows/s (\(rows) in \(Int(seconds * 1_000)) ms)")
    }
}
