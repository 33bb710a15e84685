import Glibc
import Relay
import Simulator

// The rate limit, and with `relay` as the first argument intake and delivery:
//
// simulate [relay] [SEEDS [FIRST]]   so many seeds (1,000) from the first (1) on; exit status 1 where one is guilty
// simulate [relay] --trace SEED      what happens in one, a line an event
// simulate [relay] --controls        takes the rules away one by one; exit status 1 where one is not missed
// simulate --utilisation             how much of the limit can be used under the design's model loads

let isRelay = CommandLine.arguments.dropFirst().first == "relay"
let arguments = Array(CommandLine.arguments.dropFirst(isRelay ? 2 : 1))
let command = isRelay ? "simulate relay" : "simulate"

/// What one seed came to: its first finding, and figures that the last line adds up.
struct SeedResult {
    var finding: String?
    var figures: [Int]
}

func run(_ seed: UInt64) -> SeedResult {
    if isRelay {
        let outcome = RelaySimulation(seed: seed, weather: RelayWeather(seed: seed)).run()
        let statistics = outcome.statistics
        return SeedResult(
            finding: outcome.findings.first?.description,
            figures: [
                statistics.records, statistics.rows, statistics.effects, statistics.repeated, statistics.fenced,
                statistics.rescued, statistics.reopened, statistics.removed,
            ])
    }
    let outcome = Simulation(seed: seed, weather: Weather(seed: seed)).run()
    return SeedResult(
        finding: outcome.findings.first?.description,
        figures: [outcome.statistics.requests, outcome.statistics.records])
}

func runSeeds(_ count: UInt64, from first: UInt64) -> Bool {
    let start = ContinuousClock.now
    let names =
        isRelay
        ? ["records", "rows", "effects", "of these repeated", "batches fenced", "rows rescued", "replayed", "pruned"]
        : ["requests", "records"]
    var guilty = 0
    var sums = names.map { _ in 0 }
    for seed in first..<first + count {
        let result = run(seed)
        for (index, figure) in result.figures.enumerated() { sums[index] += figure }
        guard let finding = result.finding else { continue }
        guilty += 1
        print("seed \(seed): \(finding); again, with its trace: \(command) --trace \(seed)")
    }
    let figures = zip(sums, names).map { "\($0) \($1)" }.joined(separator: ", ")
    print("\(count) seeds, \(guilty) guilty; \(figures) in \(ContinuousClock.now - start)")
    return guilty == 0
}

func runControls() -> Bool {
    var isComplete = true
    func tell(_ name: String, _ caught: UInt64?) {
        isComplete = isComplete && caught != nil
        print("\(caught.map { "caught by seed \($0)" } ?? "NOT CAUGHT"): \(name)")
    }
    if isRelay {
        for control in RelayControl.all { tell(control.name, control.firstCatch(within: 200)) }
    } else {
        for control in Control.all { tell(control.name, control.firstCatch(within: 200)) }
    }
    return isComplete
}

func trace(_ seed: UInt64) -> Bool {
    isRelay
        ? RelaySimulation(seed: seed, weather: RelayWeather(seed: seed)) { print($0) }.run().findings.isEmpty
        : Simulation(seed: seed, weather: Weather(seed: seed)) { print($0) }.run().findings.isEmpty
}

func showUtilisation() {
    print("processes  requests/s  used of 300 per 60 s  records an admission")
    for processes in [1, 4, 16] {
        for rate in [6.0, 25, 100, 400] {
            let weather = Weather.model(rate: rate, processes: processes, minutes: 10)
            let statistics = Simulation(seed: 1, weather: weather).run().statistics
            let used = (statistics.utilisation[0] * 1_000).rounded() / 10
            let records = (Double(statistics.records) / Double(statistics.admitted[0]) * 100).rounded() / 100
            print("\(processes)\t   \(rate)\t       \(used) %\t\t     \(records)")
        }
    }
}

switch arguments.first {
case "--trace":
    guard arguments.count == 2, let seed = UInt64(arguments[1]) else { exit(2) }
    exit(trace(seed) ? 0 : 1)
case "--controls": exit(runControls() ? 0 : 1)
case "--utilisation" where !isRelay: showUtilisation()
default:
    let numbers = arguments.map { UInt64($0) }
    guard numbers.count <= 2, !numbers.contains(nil) else { exit(2) }
    exit(runSeeds(numbers.isEmpty ? 1_000 : numbers[0]!, from: numbers.count == 2 ? numbers[1]! : 1) ? 0 : 1)
}
