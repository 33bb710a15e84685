import Foundation
import Relay
import Testing
import World

/// `swift test --filter Simulation` runs 40 seeds of intake and delivery, of what an optimised build runs a thousand:
///
///     swift run -c release simulate relay              1,000 seeds; exit status 1 where one is guilty
///     swift run -c release simulate relay --controls   takes the protections away one by one; each must be missed
///     ORDERRELAY_SEED=41 swift test --filter RelaySimulations   one seed, with its trace on standard output
@Suite("The simulated world of intake and delivery")
struct RelaySimulations {
    private static func environment(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static let seeds: ClosedRange<UInt64> =
        environment("ORDERRELAY_SEED").map { $0...$0 } ?? 1...(environment("ORDERRELAY_SEEDS") ?? 40)

    @Test("whatever happens: every record has its effect, in its order, and the books close", arguments: seeds)
    func seed(_ seed: UInt64) {
        let isAlone = Self.seeds.count == 1
        let trace: ((TraceLine) -> Void)? = isAlone ? { print($0) } : nil
        let outcome = RelaySimulation(seed: seed, weather: RelayWeather(seed: seed), trace: trace).run()
        #expect(
            outcome.findings.isEmpty,
            "seed \(seed): again, with its trace, by ORDERRELAY_SEED=\(seed) swift test --filter RelaySimulations")
        #expect(outcome.statistics.effects > 0)
    }

    @Test("a seed means the same every time")
    func determinism() {
        var traces: [[String]] = [[], []]
        for run in 0..<2 {
            _ = RelaySimulation(seed: 7, weather: RelayWeather(seed: 7)) { traces[run].append("\($0)") }.run()
        }
        #expect(traces[0].count > 100)
        #expect(traces[0] == traces[1])
    }

    @Test("what is to be survived does happen: refused batches, rescued rows, repeated effects, replays, prunes")
    func misfortunes() {
        var (fenced, rescued, repeated, reopened, removed) = (0, 0, 0, 0, 0)
        for seed in UInt64(1)...40 {
            let statistics = RelaySimulation(seed: seed, weather: RelayWeather(seed: seed)).run().statistics
            fenced += statistics.fenced
            rescued += statistics.rescued
            repeated += statistics.repeated
            reopened += statistics.reopened
            removed += statistics.removed
        }
        #expect([fenced, rescued, repeated, reopened, removed].allSatisfy { $0 >= 5 })
    }

    @Test("every protection that is taken away is missed within 50 seeds", arguments: RelayControl.all.indices)
    func control(_ index: Int) {
        #expect(RelayControl.all[index].firstCatch(within: 50) != nil, "nobody missed: \(RelayControl.all[index].name)")
    }

    @Test(
        "the worlds of those controls are innocent while the protection is there", arguments: RelayControl.all.indices)
    func innocent(_ index: Int) {
        for seed in UInt64(1)...5 {
            let outcome = RelaySimulation(seed: seed, weather: RelayControl.all[index].world(seed)).run()
            #expect(outcome.findings.isEmpty, "\(RelayControl.all[index].name), seed \(seed)")
        }
    }
}
