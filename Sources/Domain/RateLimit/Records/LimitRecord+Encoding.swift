/// The binary form, rules 1. `v` is an unsigned LEB128 number in its shortest form, `u64` eight bytes big-endian.
///
///     every record   byte 0x52 ("R"), for ever   byte rules version   byte kind: 1 claim, 2 probe, 3 strike
///
///     claim     16 bytes limit id   u64 process   v sequence (≥ 1)   v configuration version
///               v limit (1…1,000,000)   v need   v extra
///               byte flags: 1 whole, 2 digest present, 4 checkpoint present; no others
///               v number of settlements (≤ 64), each:
///                   v sequence of this claim − of the settled one (≥ 1)   byte part: 0 waiting, 1 leased
///                   v number of runs (≤ 256), each:
///                       v age in steps of 10 ms − the run before's (the first: the age itself; else ≥ 1)
///                       v permits used (≥ 1)
///               v offset at which the sender established itself
///               digest, if present:      v offset   u64 first eight bytes of SHA-256 of the state
///               checkpoint, if present:  v offset that it is as of   v length   the state
///
///     state     byte 0: nothing is known of the limit; the end.   Else byte 1, and:
///               v configuration version   v limit in force   v T − T of the limit's last claim record
///               v number of processes (≤ 4,096), by id, each:
///                   u64 process   v highest sequence   v T − T of its last claim
///               v number of runs (≤ 131,072), by (free at; those without owner first; process, sequence, part), each:
///                   v free at − the run before's (the first: − T)   v permits (≥ 1)
///                   v owner: 0 none, else 1 + the process's place above, and then   v sequence   byte part
///
///     probe     u64 process   v sequence (≥ 1)   v milliseconds for which the sender's alarm still runs
///     strike    16 bytes limit id   u64 process   v limit   v strikes (≥ 1)
///
/// Nothing follows the last field.
extension LimitRecord {
    static let magic: UInt8 = 0x52

    enum Kind: UInt8 {
        case claim = 1
        case probe = 2
        case strike = 3
    }

    enum Flag {
        static let whole: UInt8 = 1
        static let digest: UInt8 = 2
        static let checkpoint: UInt8 = 4
        static let all: UInt8 = 7
    }

    /// The record's value on the topic, in the form above.
    public func encoded() -> [UInt8] {
        switch self {
        case .claim(let claim): claim.encoded()
        case .probe(let probe): probe.encoded()
        case .strike(let strike): strike.encoded()
        }
    }
}

extension ByteWriter {
    mutating func header(_ kind: LimitRecord.Kind) {
        byte(LimitRecord.magic)
        byte(Rules.version)
        byte(kind.rawValue)
    }

    mutating func limitID(_ id: LimitID) {
        fixed(id.high)
        fixed(id.low)
    }
}

extension Claim {
    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 96 + (checkpoint?.form.count ?? 0))
        writer.header(.claim)
        writer.limitID(limitID)
        writer.fixed(process.bits)
        writer.varint(sequence)
        writer.varint(configurationVersion)
        writer.varint(limit)
        writer.varint(need)
        writer.varint(extra)
        var flags: UInt8 = 0
        if isWhole { flags |= LimitRecord.Flag.whole }
        if digest != nil { flags |= LimitRecord.Flag.digest }
        if checkpoint != nil { flags |= LimitRecord.Flag.checkpoint }
        writer.byte(flags)
        writer.varint(settlements.count)
        for settlement in settlements { settlement.write(to: &writer, in: sequence) }
        writer.varint(establishedAt)
        if let digest {
            writer.varint(digest.offset)
            writer.fixed(digest.bits)
        }
        if let checkpoint {
            writer.varint(checkpoint.asOf)
            writer.varint(checkpoint.form.count)
            writer.raw(checkpoint.form)
        }
        return writer.bytes
    }
}

extension Settlement {
    fileprivate func write(to writer: inout ByteWriter, in claim: UInt64) {
        writer.varint(claim - sequence)
        writer.byte(part.rawValue)
        writer.varint(uses.count)
        var before: Int64 = 0
        for use in uses {
            writer.varint(use.ageSteps - before)
            writer.varint(use.count)
            before = use.ageSteps
        }
    }
}

extension Probe {
    fileprivate func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 24)
        writer.header(.probe)
        writer.fixed(process.bits)
        writer.varint(sequence)
        writer.varint(alarmRemaining)
        return writer.bytes
    }
}

extension Strike {
    fileprivate func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 40)
        writer.header(.strike)
        writer.limitID(limitID)
        writer.fixed(process.bits)
        writer.varint(limit)
        writer.varint(count)
        return writer.bytes
    }
}
