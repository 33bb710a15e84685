import Events
import Intake
import Kafka
import Ledger

/// Books as lost what was deleted from topics before workers had read it, where they have stopped at it.
struct AcceptedLoss {
    let ledger: Ledger
    let admin: Admin
    let author: Author

    /// Which of the stopped partitions are meant.
    struct Choice {
        let worker: String?
        let place: TopicPartition?

        /// - Parameters:
        ///   - worker: nil: of every one.
        ///   - place: as `orders/3`; nil: every one.
        init(worker: String?, place: String?) throws(WrongUse) {
            let names = Processes.workers.map(\.name)
            if let worker, !names.contains(worker) {
                throw WrongUse("--worker must be one of \(names.joined(separator: ", ")), not \(worker)")
            }
            self.worker = worker
            self.place = try place.map { text throws(WrongUse) in
                let known = Topics.partitions(of: Processes.workers.flatMap(\.topics))
                guard let place = known.first(where: { "\($0)" == text }) else {
                    throw WrongUse(
                        "--partition must be a topic and a number that a worker reads, as orders/3, not \(text)")
                }
                return place
            }
        }

        func contains(_ stop: StoppedPartition) -> Bool {
            (worker ?? stop.worker) == stop.worker
                && (place?.topic ?? stop.source.topic) == stop.source.topic
                && (place?.partition ?? stop.source.partition) == stop.source.partition
        }

        /// For messages.
        var words: String {
            [worker, place.map { "\($0)" }].compactMap(\.self).joined(separator: " at ")
        }
    }

    /// Prints what was lost, a line a partition.
    func book(_ choice: Choice) async throws {
        let cluster = try await admin.clusterID(timeout: ReintakeCommand.timeout)
        let stops = try await ledger.stops().filter { $0.source.cluster == cluster && choice.contains($0) }
        guard !stops.isEmpty else {
            if choice.words.isEmpty { return StandardOutput.write("no worker has stopped at a partition") }
            throw Failure(
                "\(choice.words): no worker has stopped there; one that finds records deleted stops, says so, and is then "
                    + "to be found here")
        }
        StandardOutput.write("worker\tpartition\tlost\tfrom\tto\tafter\tbefore")
        var others: [StoppedPartition] = []
        for stop in stops {
            guard let loss = try await loss(at: stop) else {
                others.append(stop)
                continue
            }
            try await ledger.bookLost(
                of: stop.worker, in: stop.source, from: loss.offsets.lowerBound, to: loss.offsets.upperBound,
                by: author)
            StandardOutput.write(loss.line(of: stop))
        }
        guard others.isEmpty else {
            let words = others.map { "\($0.worker): \($0.why)" }.joined(separator: "\n")
            throw Failure("stopped for another reason, and left as they are:\n\(words)")
        }
    }

    private func loss(at stop: StoppedPartition) async throws -> Loss? {
        guard let position = try await ledger.position(of: stop.worker, in: stop.source), position.next == stop.position
        else { return nil }
        let partition = TopicPartition(topic: stop.source.topic, partition: stop.source.partition)
        let log = try await admin.offsets(of: partition, timeout: ReintakeCommand.timeout)
        let first =
            log.isEmpty
            ? nil : try await admin.record(at: log.lowerBound, of: partition, timeout: ReintakeCommand.timeout)
        return Loss(from: position, log: log, first: first.map { Reading($0, in: stop.source) })
    }
}

extension Loss {
    fileprivate func line(of stop: StoppedPartition) -> String {
        [
            stop.worker, "\(stop.source.topic)/\(stop.source.partition)", "\(offsets.count)",
            "\(offsets.lowerBound)", "\(offsets.upperBound - 1)", after?.iso8601 ?? "-", before?.iso8601 ?? "-",
        ].joined(separator: "\t")
    }
}
