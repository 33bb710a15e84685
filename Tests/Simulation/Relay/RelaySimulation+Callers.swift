import Crypto
import Events
import Ledger
import Orders
import World

extension RelaySimulation {
    static func wall(_ now: TrueTime) -> Timestamp { Timestamp(milliseconds: 1_780_000_000_000 + now / millisecond) }

    /// All records of the world, over three quarters of its time.
    func planRecords() {
        let bursts = max(1, weather.records / weather.burst)
        for burst in 0..<bursts {
            let at = second + weather.duration * 3 / 4 * TrueTime(burst) / TrueTime(bursts)
            later(at: at) { [self] in for _ in 0..<weather.burst { publish() } }
        }
    }

    private func publish() {
        let number = dice.int(0...weather.keys - 1)
        let partition = number % weather.partitions
        if dice.happens(weather.poisonShare) {
            log.appendPoison(to: partition, at: Self.wall(now))
            return appended(to: partition, "poison")
        }
        statistics.records += 1
        let event = event(number, "e\(statistics.records)", says: "first")
        append(event, to: partition, aims: aims())
        if dice.happens(weather.repeatShare) {
            later(at: now + dice.int(0...60 * second)) { [self] in append(event, to: partition, aims: [:]) }
        }
        if dice.happens(weather.conflictShare) {
            let other = self.event(number, event.id, says: "other")
            later(at: now + dice.int(0...60 * second)) { [self] in append(other, to: partition, aims: [:]) }
        }
    }

    private func append(_ event: Event, to partition: Int, aims: [Destination: EventLog.Aim]) {
        log.append(event, to: partition, aims: aims)
        appended(to: partition, "\(event.id) of order \(event.order.text.suffix(2))")
    }

    private func appended(to partition: Int, _ what: String) {
        note("log \(partition)", "append", "\(log.end(of: partition) - 1): \(what)")
        for process in processes where process.isUp { process.recordsCame(partition) }
    }

    private func event(_ order: Int, _ id: String, says what: String) -> Event {
        let digits = String(order, radix: 16)
        let text = String(repeating: "0", count: 24 - digits.count) + digits
        var bytes = [UInt8](repeating: 0, count: 32)
        for (index, byte) in "\(id) \(what)".utf8.prefix(32).enumerated() { bytes[index] = byte }
        return Event(
            id: id, account: "acme", order: OrderID(text)!, time: Self.wall(now), digest: Digest(bytes),
            traceparent: nil, content: .updated(OrderChange(userComments: what)))
    }

    private func aims() -> [Destination: EventLog.Aim] {
        if dice.happens(weather.aimlessShare) { return [:] }
        var aims: [Destination: EventLog.Aim] = [:]
        for receiver in receivers where receivers.count == 1 || dice.happens(0.7) {
            aims[receiver.destination] = dice.happens(weather.declinedShare) ? .declined : .delivered
        }
        return aims
    }
}
