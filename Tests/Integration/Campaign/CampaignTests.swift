import Foundation
import Support
import Testing

/// Everything that can fail fails, one thing after another and by seed, while orders come in and are changed.
///
/// `.ci/run` runs a short form; `deploy/faults [SEED] [ORDERS]` the long one.
@Suite(
    "A campaign of faults", .enabled(if: RealKafka.isHere && PostgreSQLServer.isHere && Toxiproxy.isHere), .serialized)
struct CampaignTests {
    /// How a campaign is run.
    struct Form {
        var seed: UInt64
        /// In the long form the faults go on, in another order each time, until so many orders were begun; nil: the short form.
        var orders: Int?
        var perSecond: Double

        /// From `ORDERRELAY_FAULTS`, `SEED ORDERS`; without it, the short form.
        static var asked: Form {
            let words = (ProcessInfo.processInfo.environment["ORDERRELAY_FAULTS"] ?? "").split(separator: " ")
            guard words.count == 2, let seed = UInt64(words[0]), let orders = Int(words[1]) else {
                return Form(seed: 1, orders: nil, perSecond: 10)
            }
            return Form(seed: seed, orders: orders, perSecond: 20)
        }
    }

    @Test(
        "whatever fails, each accepted order is confirmed, counted and synced; nothing twice, nothing in the wrong order",
        .timeLimit(.minutes(Form.asked.orders == nil ? 10 : 24 * 60)))
    func campaign() async throws {
        let form = Form.asked
        let scene = try await CampaignScene(perSecond: form.perSecond)
        let calling = Task { try await scene.callers.call() }
        do {
            try await run(form, scene, calling)
        } catch {
            print(await scene.state())
            calling.cancel()
            await scene.abandon()
            throw error
        }
    }

    private func run(_ form: Form, _ scene: CampaignScene, _ calling: Task<Void, any Error>) async throws {
        try await eventually("orders are done") {
            scene.effects.acceptedNow.count >= 20 && scene.effects.missing(of: scene.effects.acceptedNow).count < 20
        }
        var random = SeededGenerator(seed: form.seed)
        var rows: [CampaignRow] = []
        repeat {
            for fault in CampaignFault.all.filter({ form.orders != nil || $0.isShort }).shuffled(using: &random) {
                try await rows.append(play(fault, in: scene))
            }
        } while form.orders.map { scene.callers.next < $0 } ?? false
        for fault in CampaignFault.failovers { try await rows.append(play(fault, in: scene)) }
        scene.callers.finish()
        try await calling.value

        let settled = try await scene.settle(within: .seconds(120))
        let accepted = scene.effects.acceptedNow
        let lost = scene.effects.missing(of: accepted)
        CampaignRow.print(rows, lost: lost, form: "seed \(form.seed), \(accepted.count) orders")
        #expect(
            settled != nil && lost.isEmpty,
            "\(lost.count) of \(accepted.count) orders lack an effect: \(lost.prefix(20))")
        #expect(scene.effects.withDifferentMessageIDs.isEmpty)
        for row in rows {
            #expect(
                row.fault.losesCommits || row.effects.inverted == 0,
                "\(row.fault.name): \(row.effects.inverted) updates came after a newer one")
            #expect(
                !row.fault.losesCommits || row.effects.doubled > 0, "\(row.fault.name): nothing was in what was lost")
            #expect(
                row.fault.mayRepeat || row.effects.doubled == 0, "\(row.fault.name): \(row.effects.doubled) doubled")
            // The short form runs beside builds and other tests.
            let bound = row.fault.waits.bound * (form.orders == nil ? 3 : 1)
            #expect(row.recovery! <= bound, "\(row.fault.name): recovered after \(row.seconds)")
        }
        #expect(scene.repeatedBeyondLag.isEmpty, "done again, though the standby had it: \(scene.repeatedBeyondLag)")
        #expect(scene.processesGoneBack > 0, "no process noticed that the ledger went back")
        try await eventually("every order has one deal") { scene.dealCount == accepted.count }
        try await eventually("every order is counted once") { try await scene.countedOrders() == "\(accepted.count)" }
        let audit = try await scene.audit()
        #expect(audit.status == 0 && audit.output.contains("unaccounted\t0"), "\(audit)")
        try await scene.end()
    }

    private func play(_ fault: CampaignFault, in scene: CampaignScene) async throws -> CampaignRow {
        let before = scene.effects.tally
        let first = scene.callers.next
        try await fault.play(scene)
        let recovery = try await scene.settle(within: fault.waits.bound * 4 + .seconds(60))
        let after = scene.effects.tally
        let row = CampaignRow(
            fault: fault, orders: first..<scene.callers.next,
            effects: .init(doubled: after.doubled - before.doubled, inverted: after.inverted - before.inverted),
            recovery: recovery)
        print("\(row.fault.name): done again after \(row.seconds), \(scene.callers.next) orders so far")
        return try row.checked()
    }
}

/// What one fault did.
struct CampaignRow {
    let fault: CampaignFault
    /// The orders that were begun from its beginning until all was done again.
    let orders: Range<Int>
    let effects: Effects.Tally
    /// From when it was over until everything accepted by then was done; nil: never.
    let recovery: Duration?

    /// Itself; throws where the relay did not recover, since every further fault would only show that.
    func checked() throws -> CampaignRow {
        guard recovery != nil else { throw CommandFailure("after \(fault.name) not everything was done again") }
        return self
    }

    var seconds: String { recovery.map { String(format: "%.1f s", $0 / .seconds(1)) } ?? "never" }

    static func print(_ rows: [CampaignRow], lost: [Int], form: String) {
        var table = "A campaign of faults, \(form)\nfault\torders\tlost\tdoubled\tinverted\trecovery\twaits for\n"
        for row in rows {
            table += """
                \(row.fault.name)\t\(row.orders.count)\t\(lost.count { row.orders.contains($0) })\t\(row.effects.doubled)\t\
                \(row.effects.inverted)\t\(row.seconds)\t\(row.fault.waits.rawValue)\n
                """
        }
        Swift.print(table)
    }
}
