@testable import RateLimit

extension FuzzTarget {
    /// Records of topic `ratelimit`, each after two bytes of its length and one of the time since the one before: every
    /// byte has one meaning and every meaning one form, and whatever the log holds, two replicas come to the same, and
    /// no limit is charged beyond what is in force.
    static let claim = FuzzTarget(name: "claim") { bytes throws(Broken) in
        var input = Input(bytes)
        var (one, other) = (PartitionReplica(isWhole: true), PartitionReplica(isWhole: true))
        var late = PartitionReplica(isWhole: false)
        var (offset, timestamp): (Int64, Milliseconds) = (0, 0)
        while !input.rest.isEmpty, offset < 64 {
            let length = Int(input.byte()) << 8 | Int(input.byte())
            timestamp += Milliseconds(input.byte()) * 300
            var record: [UInt8] = []
            for _ in 0..<min(length, input.rest.count) { record.append(input.byte()) }
            try hasOneForm(record)
            let told = one.read(record, offset: offset, timestamp: timestamp)
            try promise(
                "two replicas read the same",
                "\(told)" == "\(other.read(record, offset: offset, timestamp: timestamp))")
            if offset > 2 { _ = late.read(record, offset: offset, timestamp: timestamp) }
            if case .claim(let claim, let verdict) = told { try holds(claim, verdict, one, other) }
            offset += 1
        }
    }

    private static func hasOneForm(_ bytes: [UInt8]) throws(Broken) {
        let read = Verdict { try LimitRecord(decoding: bytes) }
        guard case .taken(let record) = read else { return }
        try promise("what is read is written as the same bytes", record.encoded() == bytes)
        guard case .claim(let claim) = record, let form = claim.checkpoint?.form else { return }
        let time = LogTime(milliseconds: 1_000_000)
        guard let state = try? LimitReplica(form: form, at: time) else { return }
        let written = state.form(at: time, rules: .standard)
        let again = try? LimitReplica(form: written, at: time)
        try promise("a state that was read is written so that it reads", again != nil)
        try promise("and is written the same again", again?.form(at: time, rules: .standard) == written)
    }

    private static func holds(
        _ claim: Claim, _ verdict: RateLimit.Verdict?, _ one: PartitionReplica, _ other: PartitionReplica
    ) throws(Broken) {
        try promise(
            "two replicas have the same state",
            one.stateDigest(of: claim.limitID) == other.stateDigest(of: claim.limitID))
        let configured = VersionedLimit(limit: claim.limit, version: claim.configurationVersion)
        let free = one.free(of: claim.limitID, at: one.time, configured: configured)
        try promise("what is free is within the limit", 0...Bounds.limit ~= free)
    }
}
