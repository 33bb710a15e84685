import RateLimit
import World

extension Simulation {
    /// The next requests for a limit come, and the ones after them are planned.
    func arrive(_ index: Int) {
        let load = weather.loads[index]
        guard now < weather.duration else { return }
        let mean = Double(load.burst) / load.rate
        let wait = TrueTime((0.05 + 1.9 * chance.unit()) * mean * 1e9)
        var next = now + wait
        if let phases = load.phases {
            let cycle = TrueTime(phases.on + phases.off) * second
            if next % cycle > TrueTime(phases.on) * second { next += cycle - next % cycle }
        }
        queue.plan(.arrivals(load: index), at: next)
        for _ in 0..<load.burst { request(index, load) }
    }

    private func request(_ index: Int, _ load: Weather.Load) {
        stats.requests += 1
        let places = load.sticky.map { min($0, machines.count) } ?? machines.count
        let machine = (index * 7 + chance.int(0...places - 1)) % machines.count
        let isBatch = chance.happens(load.batchShare)
        let permits = isBatch ? chance.int(2...20) : 1
        guard machines[machine].isUp, machines[machine].frozenUntil <= now else { return }
        tickets += 1
        let request = Machine.Request(load: index, permits: permits, at: now)
        machines[machine].waiting[tickets] = request
        let wish = Wish(
            limitID: limitIDs[index], configured: configured(index), permits: permits, ticket: tickets)
        let partition = Int(limitIDs[index].partition(of: Int32(weather.partitions)))
        let ticket = tickets
        drive(machine, partition) { claimant, now, actions in
            if let answer = claimant.want(wish, now: now, into: &actions) {
                actions.append(.answer(ticket: ticket, answer))
            }
        }
    }

    /// What `control` says, as this process has read it: a change takes up to 2 s.
    private func configured(_ index: Int) -> VersionedLimit {
        var configured = VersionedLimit(limit: weather.loads[index].limit, version: 1)
        for (version, change) in weather.loads[index].changes.enumerated() {
            let heard = change.at + chance.int(0...2 * second)
            if heard <= now { configured = VersionedLimit(limit: change.limit, version: Int64(version) + 2) }
        }
        return configured
    }

    func answered(_ answer: PermitDecision, _ request: Machine.Request, by machine: Int, _ partition: Int) {
        switch answer {
        case .granted:
            let limit = inForce(request.load, machine, partition)
            note(name(machine), "admit", "\(request.permits) of limit \(request.load)")
            for _ in 0..<request.permits {
                guard let over = oracles[request.load].admit(at: now, limit: limit) else { continue }
                return find(.overAdmission(load: request.load, count: over.count, limit: over.limit, at: now))
            }
        case .refused: stats.refused += 1
        case .unavailable(let why):
            stats.unavailable += 1
            note(name(machine), "503", "\(why)")
        case .tooMany, .restricted: break
        }
    }

    /// The limit that the admitting process knows to be in force.
    private func inForce(_ index: Int, _ machine: Int, _ partition: Int) -> Int {
        let configured = VersionedLimit(limit: 0, version: -1)
        return machines[machine].claimants[partition]
            .standing(of: limitIDs[index], configured: configured, now: machines[machine].ownTime(at: now)).limit
    }
}
