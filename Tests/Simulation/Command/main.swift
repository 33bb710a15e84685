import Glibc
import Simulator

// simulate [SEEDS [FIRST]]   so many seeds (1,000) from the first (1) on; exit status 1 where one is guilty
// simulate --trace SEED      what happens in one, a line an event
// simulate --controls        takes the rules away one by one; exit status 1 where one is not missed
// simulate --utilisation     how much of the limit can be used under the design's model loads

let arguments = Array(CommandLine.arguments.dropFirst())

func runSeeds(_ count: UInt64, from first: UInt64) -> Bool {
    let start = ContinuousClock.now
    var guilty = 0
    var (requests, records) = (0, 0)
    for seed in first..<first + count {
        let outcome = Simulation(seed: seed, weather: Weather(seed: seed)).run()
        requests += outcome.statistics.requests
        records += outcome.statistics.records
        guard let finding = outcome.findings.first else { continue }
        guilty += 1
        print("seed \(seed): \(finding); again, with its trace: simulate --trace \(seed)")
    }
    print(
        "\(count) seeds, \(guilty) guilty; \(requests) requests, \(records) records in \(ContinuousClock.now - start)")
    return guilty == 0
}

func runControls() -> Bool {
    var isComplete = true
    for control in Control.all {
        let caught = control.firstCatch(within: 200)
        isComplete = isComplete && caught != nil
        print("\(caught.map { "caught by seed \($0)" } ?? "NOT CAUGHT"): \(control.name)")
    }
    return isComplete
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
    let outcome = Simulation(seed: seed, weather: Weather(seed: seed)) { print($0) }.run()
    exit(outcome.findings.isEmpty ? 0 : 1)
case "--controls": exit(runControls() ? 0 : 1)
case "--utilisation": showUtilisation()
default:
    let numbers = arguments.map { UInt64($0) }
    guard numbers.count <= 2, !numbers.contains(nil) else { exit(2) }
    exit(runSeeds(numbers.isEmpty ? 1_000 : numbers[0]!, from: numbers.count == 2 ? numbers[1]! : 1) ? 0 : 1)
}
