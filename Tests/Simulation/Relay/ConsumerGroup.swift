import World

/// Kafka's view of who reads what.
struct ConsumerGroup {
    /// Without a word for so long a process is taken for gone.
    static let sessionTimeout = 6 * second

    /// Processes that it counts on, by number, with their incarnation.
    var members: [Int: Int] = [:]
    var owners: [Int: Int] = [:]
}

// Rebalances. The one who loses a partition hears of it when it hears of it; the one who gets it does not wait for that, as
// after a lost session: two owners at once are the ledger's fence to sort out.
extension RelaySimulation {
    func joined(_ process: WorkerProcess) {
        later(process, at: now + dice.int(10 * millisecond...2 * second)) { [self] in
            guard !process.isStopping else { return }
            group.members[process.number] = process.incarnation
            rebalance()
        }
    }

    /// A process has left in good order.
    func left(_ process: WorkerProcess) {
        guard group.members[process.number] == process.incarnation else { return }
        group.members[process.number] = nil
        rebalance()
    }

    /// A process is not heard of from now on, for `span` or for ever.
    func silent(_ process: WorkerProcess, for span: TrueTime?) {
        if let span, span < ConsumerGroup.sessionTimeout { return }
        let incarnation = process.incarnation
        later(at: now + ConsumerGroup.sessionTimeout + dice.int(0...second)) { [self] in
            guard group.members[process.number] == incarnation else { return }
            if span != nil, process.frozenUntil <= now { return }
            group.members[process.number] = nil
            rebalance()
            // It hears of it when it comes to itself, and joins again.
            guard span != nil else { return }
            later(process, at: now) { [self] in
                for partition in process.intakes.keys.sorted() where group.owners[partition] != process.number {
                    process.revoke(partition)
                }
                joined(process)
            }
        }
    }

    /// Partitions are dealt out anew among those that are there.
    func rebalance() {
        var members = group.members.keys.sorted()
        guard !members.isEmpty else { return group.owners = [:] }
        for index in members.indices.reversed() { members.swapAt(index, dice.int(0...index)) }
        for partition in log.partitions.indices {
            let new = members[partition % members.count]
            let old = group.owners[partition]
            group.owners[partition] = new
            if let old, old != new {
                later(processes[old], at: now + dice.int(0...500 * millisecond)) { [self] in
                    if group.owners[partition] != old { processes[old].revoke(partition) }
                }
            }
            let process = processes[new]
            later(process, at: now + dice.int(millisecond...second)) { [self] in take(partition, process) }
        }
        note(
            "group", "deals",
            group.owners.sorted { $0.key < $1.key }.map { "\($0.key)→p\($0.value)" }.joined(separator: " "))
    }

    /// The new owner begins; where the task of an earlier assignment has not ended yet, after it.
    private func take(_ partition: Int, _ process: WorkerProcess) {
        guard group.owners[partition] == process.number, !process.isStopping else { return }
        if process.intakes[partition]?.isEnding == true {
            return later(process, at: now + 100 * millisecond) { [self] in take(partition, process) }
        }
        process.assign(partition)
    }
}
