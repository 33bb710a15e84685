import Foundation
import Support

/// `memory workers`: confirmations, analytics and crm, each a process of its own, over the same orders from the topic.
///
/// The mail server is a sink in this process, which keeps nothing; the CRM is the sandbox, in a process of its own. The
/// orders come at a steady pace, so that the fast workers, too, have more than a minute of it; what a slow one can't take
/// at that pace waits on the topic and in the ledger.
enum MemoryOfWorkers {
    /// After so many seconds the benchmark says what was done and ends.
    private static let secondsMaximum = 560

    private struct Worker {
        var name: String
        var metric: String
        var label: String
        var admin: Int
        var size: ResidentSize
        var done = 0
        var tookSeconds: Double?
    }

    static func run(orders: Int, perSecond: Int) async throws {
        let ports = FreePorts.take(3)
        let sink = SMTPSink()
        let cluster = try await BenchmarkCluster.withReceivers(sink)
        let attempts = ("orderrelay_delivery_attempts_total", "outcome=\"done\"")
        let takenIn = ("orderrelay_intake_records_total", "worker=\"analytics\"")
        var workers: [Worker] = []
        for (index, (name, what)) in [("confirmations", attempts), ("analytics", takenIn), ("crm", attempts)]
            .enumerated()
        {
            let program = try await cluster.start(name, admin: ports[index])
            workers.append(
                Worker(
                    name: name, metric: what.0, label: what.1, admin: ports[index],
                    size: ResidentSize(name, program.processID)))
        }
        let (brokers, account) = (cluster.kafka.bootstrapServers, cluster.account)
        let publishing = Task.detached {
            try await OrderFeed.publish(orders, perSecond: perSecond, brokers: brokers, account: account)
        }
        let seconds = try await watch(&workers, orders, cluster)
        publishing.cancel()
        let published = try await publishing.value
        print("\(published) orders published at \(perSecond)/s at most; \(sink.count) messages at the mail sink")
        for worker in workers {
            let took = worker.tookSeconds ?? seconds
            print(
                "\(worker.name): \(worker.done) deliveries done in \(Int(took)) s, \(Int(Double(worker.done) / took))/s"
                    + "\(worker.tookSeconds == nil ? ", not all when the time was up" : "")")
            print("  \(worker.size.report)")
        }
        await cluster.stop()
    }

    /// Samples each second until every worker has done all orders, or the time is up; the seconds that it took.
    private static func watch(_ workers: inout [Worker], _ orders: Int, _ cluster: BenchmarkCluster) async throws
        -> Double
    {
        let began = ContinuousClock.now
        for second in 0... {
            let took = (ContinuousClock.now - began) / .seconds(1)
            for index in workers.indices where workers[index].tookSeconds == nil {
                workers[index].size.sample()
                let worker = workers[index]
                workers[index].done = try await cluster.count(worker.metric, having: worker.label, admin: worker.admin)
                if workers[index].done >= orders { workers[index].tookSeconds = took }
            }
            if second % 30 == 0 { print("  \(Int(took)) s: \(workers.map { "\($0.name) \($0.done)" })") }
            fflush(nil)
            if workers.allSatisfy({ $0.tookSeconds != nil }) || took > Double(secondsMaximum) { return took }
            try await Task.sleep(until: began + .seconds(second + 1))
        }
        fatalError("unreachable: the loop above has no end but its return")
    }
}
