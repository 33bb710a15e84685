internal import Crypto

extension LimitReplica {
    /// The state as it travels in checkpoints and is compared by digest (`LimitRecord+Encoding.swift` says which byte is
    /// what): what is out of date at `time` is left out, times are relative to `time`, the order is settled.
    func form(at time: LogTime, rules: Rules) -> [UInt8] {
        var writer = ByteWriter(capacity: 64 + 3 * spent.count + 8 * held.count)
        guard version >= 0, !isForgotten(at: time, rules: rules) else {
            writer.byte(0)
            return writer.bytes
        }
        writer.byte(1)
        writer.varint(version)
        writer.varint(Int(limit))
        writer.varint(time - lastClaimAt)

        let alive = members.filter { time - $0.lastClaimAt <= rules.horizon }.sorted { $0.process < $1.process }
        writer.varint(alive.count)
        for member in alive {
            writer.fixed(member.process.bits)
            writer.varint(member.sequence)
            writer.varint(time - member.lastClaimAt)
        }

        let runs = runs(after: time)
        writer.varint(runs.count)
        var before = time
        for run in runs {
            writer.varint(run.freeAt - before)
            writer.varint(Int(run.count))
            before = run.freeAt
            guard let owner = run.owner else {
                writer.varint(0)
                continue
            }
            // A run outlives its claim by W' + d at most, and its process is remembered for as long.
            writer.varint(1 + (alive.firstIndex { $0.process == owner.process } ?? 0))
            writer.varint(owner.sequence)
            writer.byte(owner.part.rawValue)
        }
        return writer.bytes
    }

    /// The first eight bytes of SHA-256 of the form.
    func digest(at time: LogTime, rules: Rules) -> UInt64 {
        sha256(form(at: time, rules: rules)).first
    }

    /// A state from its form, whose times were relative to `time`.
    init(form: [UInt8], at time: LogTime) throws(RecordFault) {
        var reader = ByteReader(form)
        let isKnown = try reader.byte("whether a state follows")
        guard isKnown <= 1 else { throw .malformed(at: 0, "whether a state follows: 0 or 1") }
        if isKnown == 1 { try read(from: &reader, at: time) } else { lastClaimAt = .init(milliseconds: .min / 2) }
        try reader.end()
    }

    private mutating func read(from reader: inout ByteReader, at time: LogTime) throws(RecordFault) {
        version = try reader.number("the configuration version", in: 0...Int64.max)
        limit = Int32(try reader.number("the limit", in: 1...Bounds.limit))
        lastClaimAt = time - (try reader.number("the last claim's time", in: Form.spans))
        for _ in 0..<(try reader.number("the number of processes", in: 0...Bounds.processes)) {
            let position = reader.position
            let process = try reader.process()
            if let last = members.last, last.process >= process {
                throw .malformed(at: position, "ascending processes")
            }
            let sequence = try reader.sequence()
            let lastClaimAt = time - (try reader.number("a process's last claim", in: Form.spans))
            members.append(Member(process: process, sequence: sequence, lastClaimAt: lastClaimAt))
        }
        var before = Run(freeAt: time, count: 0, owner: nil)
        for _ in 0..<(try reader.number("the number of runs", in: 0...Bounds.runs)) {
            let position = reader.position
            let run = try Run(from: &reader, after: before.freeAt, members: members)
            guard before < run, run.freeAt > time else { throw .malformed(at: position, "ascending runs") }
            add(run)
            before = run
        }
    }

    private mutating func add(_ run: Run) {
        charged += Int(run.count)
        guard let owner = run.owner else { return spent.append(Spent(freeAt: run.freeAt, count: run.count)) }
        held.append(
            Held(
                freeAt: run.freeAt, process: owner.process, sequence: owner.sequence, count: run.count,
                part: owner.part))
    }

    private func runs(after time: LogTime) -> [Run] {
        var runs: [Run] = []
        runs.reserveCapacity(held.count + spent.count)
        for run in held where run.freeAt > time {
            runs.append(
                Run(
                    freeAt: run.freeAt, count: run.count,
                    owner: Run.Owner(process: run.process, sequence: run.sequence, part: run.part)))
        }
        for run in spent[Int(firstSpent)...] where run.freeAt > time {
            runs.append(Run(freeAt: run.freeAt, count: run.count, owner: nil))
        }
        return runs.sorted()
    }
}

private enum Form {
    /// Spans within a state: a horizon is 62.1 s.
    static let spans: ClosedRange<Int64> = 0...600_000
}

/// A run as the form has it: held or spent, in one order.
private struct Run: Comparable {
    struct Owner: Comparable {
        var process: ProcessID
        var sequence: UInt64
        var part: Part

        static func < (one: Self, other: Self) -> Bool {
            (one.process, one.sequence, one.part) < (other.process, other.sequence, other.part)
        }
    }

    var freeAt: LogTime
    var count: Int32
    var owner: Owner?

    init(freeAt: LogTime, count: Int32, owner: Owner?) {
        self.freeAt = freeAt
        self.count = count
        self.owner = owner
    }

    init(
        from reader: inout ByteReader, after before: LogTime, members: [LimitReplica.Member]
    ) throws(RecordFault) {
        freeAt = before + (try reader.number("a run's time", in: Form.spans))
        count = Int32(try reader.number("a run's permits", in: 1...Bounds.limit))
        let place = try reader.number("a run's owner", in: 0...members.count)
        guard place > 0 else { return }
        owner = Owner(
            process: members[place - 1].process, sequence: try reader.sequence(), part: try reader.part())
    }

    static func < (one: Self, other: Self) -> Bool {
        guard one.freeAt == other.freeAt else { return one.freeAt < other.freeAt }
        switch (one.owner, other.owner) {
        case (nil, let owner): return owner != nil
        case (_, nil): return false
        case (let owner?, let other?): return owner < other
        }
    }
}
