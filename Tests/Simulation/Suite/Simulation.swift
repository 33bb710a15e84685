import Foundation
import RateLimit
import Simulator
import Testing
import World

/// `swift test --filter Simulation` runs 40 seeds, of what an optimised build runs a thousand:
///
///     swift run -c release simulate              1,000 seeds, in half a minute; exit status 1 where one is guilty
///     swift run -c release simulate --controls   takes the rules away one by one; each must be missed
///     ORDERRELAY_SEED=41 swift test --filter Simulation        one seed, with its trace on standard output
///     ORDERRELAY_SEEDS=1000 swift test --filter Simulation     so many seeds here
@Suite("The simulated world")
struct Simulations {
    private static func environment(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static let seeds: ClosedRange<UInt64> =
        environment("ORDERRELAY_SEED").map { $0...$0 } ?? 1...(environment("ORDERRELAY_SEEDS") ?? 40)

    @Test("whatever happens: never one admission too many, and every replica of one mind", arguments: seeds)
    func seed(_ seed: UInt64) {
        let isAlone = Self.seeds.count == 1
        let trace: ((TraceLine) -> Void)? = isAlone ? { print($0) } : nil
        let outcome = Simulation(seed: seed, weather: Weather(seed: seed), trace: trace).run()
        #expect(
            outcome.findings.isEmpty,
            "seed \(seed): again, with its trace, by ORDERRELAY_SEED=\(seed) swift test --filter Simulation")
        #expect(outcome.statistics.requests > 0)
    }

    @Test("a seed means the same every time")
    func determinism() {
        var traces: [[String]] = [[], []]
        for run in 0..<2 {
            _ = Simulation(seed: 7, weather: Weather(seed: 7)) { traces[run].append("\($0)") }.run()
        }
        #expect(traces[0].count > 100)
        #expect(traces[0] == traces[1])
    }

    @Test("every rule that is taken away is missed within 200 seeds", arguments: Control.all.indices)
    func control(_ index: Int) {
        #expect(Control.all[index].firstCatch(within: 200) != nil, "nobody missed: \(Control.all[index].name)")
    }

    @Test("the worlds of those controls are innocent while the rule is there", arguments: Control.all.indices)
    func innocent(_ index: Int) {
        for seed in UInt64(1)...2 {
            let outcome = Simulation(seed: seed, weather: Control.all[index].world(seed)).run()
            #expect(outcome.findings.isEmpty, "\(Control.all[index].name), seed \(seed)")
        }
    }

    @Test("at least 98 % of 300 a minute can be used", arguments: [6.0, 25, 100])
    func utilisation(rate: Double) {
        let outcome = Simulation(seed: 1, weather: .model(rate: rate)).run()
        #expect(outcome.findings.isEmpty)
        #expect(outcome.statistics.utilisation[0] >= 0.98)
    }

    @Test("the auditor finds nothing where nothing was wrong, and counts nearly every admission")
    func audit() {
        for seed in UInt64(1)...20 {
            var weather = Weather(seed: seed)
            weather.brokerJump = nil
            let simulation = Simulation(seed: seed, weather: weather)
            let admitted = simulation.run().statistics.admitted
            for (report, admitted) in zip(simulation.audit(), admitted) {
                guard let report else { continue }
                #expect(report.overAdmissions == 0, "seed \(seed)")
                #expect(report.admissions <= admitted, "seed \(seed)")
            }
        }
        let simulation = Simulation(seed: 1, weather: .model(rate: 25))
        let admitted = simulation.run().statistics.admitted[0]
        let counted = simulation.audit()[0]?.admissions ?? 0
        #expect(Double(counted) >= 0.98 * Double(admitted))
    }

    @Test("the auditor finds what a limit forgotten after 30 s lets through")
    func auditOfMistake() throws {
        let control = try #require(Control.all.first { $0.name == "a limit forgotten after 30 s" })
        var weather = control.weather(seed: 1)
        weather.judged = []
        let simulation = Simulation(seed: 1, weather: weather)
        _ = simulation.run()
        #expect(try #require(simulation.audit()[0]).overAdmissions > 0)
    }
}
