import Delivery
import Ledger
import Lifecycle
import World

// As the chores of the delivery engine.
extension WorkerProcess {
    private static let every = Duration.seconds(5)

    func startChores() {
        heartbeat()
        renewLeases()
        look()
        rescue()
        copyDeadLetters()
    }

    private func again(_ chore: @escaping () -> Void) {
        later(world.dice.randomness.about(Self.every), chore)
    }

    private func heartbeat() {
        ask(MemoryLedger.heartbeat(owner)) { [self] result in
            if case .success(let processes) = result { table.set(processes: processes) }
            again { [self] in heartbeat() }
        }
    }

    private func renewLeases() {
        let rows = Lease.renewals(of: table.held, at: ownNow).sorted { $0.id < $1.id }
        if rows.isEmpty { return later(Lease.nextLook(at: table.held, now: ownNow)) { [self] in renewLeases() } }
        let sentAt = ownNow
        ask(MemoryLedger.renew(rows, owner: owner)) { [self] result in
            guard case .success(let kept) = result else { return later(.seconds(1)) { [self] in renewLeases() } }
            let lease = lease(sentAt: sentAt)
            for (destination, group) in Dictionary(grouping: rows, by: \.destination).sorted(by: { $0.key < $1.key }) {
                let ids = Set(group.map(\.id))
                change(destination) { lane in
                    lane.renewed(ids.intersection(kept), lease: lease)
                    lane.lost(ids.subtracting(kept))
                }
            }
            later(Lease.nextLook(at: table.held, now: ownNow)) { [self] in renewLeases() }
        }
    }

    private func look() {
        ask(MemoryLedger.pendingDestinations()) { [self] result in
            if case .success(let pending) = result { looked(pending) }
            again { [self] in look() }
        }
    }

    private func looked(_ pending: [(destination: Destination, dueAt: TrueTime)]) {
        for destination in table.entries.keys.sorted() {
            table.set(world.adapter(of: destination), of: destination)
            change(destination) { _ in }
            table.forgetIfIdle(destination)
        }
        let now = ownNow
        for (destination, dueAt) in pending {
            let late = Duration.nanoseconds(world.ledgerTime - dueAt)
            change(destination) { lane in
                lane.noticed(dueAt: now - late)
                if late > .zero { lane.hasHeldBack = true }
            }
        }
    }

    /// Rows of transactions whose outcome was unknown, then those of processes that are gone.
    private func rescue() {
        guard table.mayLookForUnknown else { return rescueExpired() }
        ask(MemoryLedger.leased(to: owner)) { [self] result in
            if case .success(let rows) = result, let strangers = table.strangers(among: rows), !strangers.isEmpty {
                world.note(title, "strangers", "\(strangers.map { "\($0.id)" }.joined(separator: " ")) given back")
                complete(strangers.map(Judgement.givenBack))
            }
            rescueExpired()
        }
    }

    private func rescueExpired() {
        guard contact.mayRescue(at: ownNow), !outcomes.isWriting else { return again { [self] in rescue() } }
        ask(MemoryLedger.rescue()) { [self] _ in again { [self] in rescue() } }
    }

    private func copyDeadLetters() {
        ask(MemoryLedger.deadLetters(limit: 100)) { [self] result in
            guard case .success(let ids) = result, !ids.isEmpty else { return again { [self] in copyDeadLetters() } }
            ask(MemoryLedger.markCopied(ids)) { [self] _ in again { [self] in copyDeadLetters() } }
        }
    }
}
