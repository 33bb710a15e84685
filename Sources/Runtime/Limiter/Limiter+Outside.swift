import Access
import Kafka
import RateLimit
import Synchronization
import Telemetry

extension Limiter {
    /// Where restrictions go: the topic that every `ingest` reads.
    static let restrictionsTopic = "control"

    func makeProducer() throws(KafkaError) -> ClaimProducer {
        if let producer = state.withLock({ $0.producer }) { return producer }
        let producer = try ClaimProducer(
            settings.properties, log: log,
            failed: { [weak self] partition, isProbe in
                guard let drivers = self?.session?.drivers, drivers.indices.contains(Int(partition)) else { return }
                drivers[Int(partition)].deliveryFailed(isProbe: isProbe)
            },
            replaced: { [weak self] in
                for driver in self?.session?.drivers ?? [] { driver.producerReplaced() }
            })
        state.withLock { $0.producer = producer }
        return producer
    }

    /// Performs the claimants' actions.
    func outside(_ producer: ClaimProducer) -> PartitionDriver.Outside {
        PartitionDriver.Outside(
            append: { producer.append(to: $0, $1, key: $2) },
            replaceProducer: { producer.replace() },
            restrict: { [weak self] id in self?.restrict(id, by: producer) },
            noticed: { [log] in log.report($0) })
    }

    /// This process's strikes brought a restriction: every process reads it on `control`, this one too.
    private func restrict(_ id: LimitID, by producer: ClaimProducer) {
        let last = settings.restriction("\(id)")
        guard let next = Restriction.next(after: last, now: wallClockMilliseconds()) else { return }
        let record = ControlRecord.restriction(
            RestrictionRecord(limitID: "\(id)", level: next.level, until: next.until))
        let outgoing = OutgoingRecord(
            topic: Self.restrictionsTopic, key: Array(record.key.utf8), value: record.encoded())
        Task { [log] in
            do {
                try await producer.send(outgoing)
                log.warning("a limit is restricted", ["limit": "\(id)", "level": "\(next.level)"])
            } catch {
                log.warning("a restriction could not be published", ["limit": "\(id)", "why": "\(error)"])
            }
        }
    }
}

extension PartitionDriver {
    func fields(of terms: LimitTerms) -> RateLimitFields {
        look { claimant, now in
            RateLimitFields(claimant.standing(of: terms.id, configured: terms.configured, now: now), now: now)
        }
    }
}

extension Log {
    fileprivate func report(_ notice: PartitionDriver.Notice) {
        switch notice {
        case .clockJumped:
            error("a broker's clock has jumped: its partition decides nothing for a minute; check the brokers' NTP")
        case .disagreement:
            error("another process has a different state of a limit: the younger of the two starts over")
        case .unknownRules(let version): error("\(RecordFault.unknownRules(version)); nothing is granted until then")
        }
    }
}
