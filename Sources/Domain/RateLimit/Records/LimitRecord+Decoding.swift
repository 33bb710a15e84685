extension LimitRecord {
    /// Reads a record's value; every bound is checked, nothing may be missing or left over.
    ///
    /// - Throws: ``RecordFault`` if the bytes are not such a record; for a malformed one with the offset of the byte.
    public init(decoding bytes: [UInt8]) throws(RecordFault) {
        guard let first = bytes.first, first == Self.magic else { throw .foreign }
        guard bytes.count <= Bounds.record else { throw .malformed(at: Bounds.record, "the end") }
        var reader = ByteReader(bytes, from: 1)
        let version = try reader.byte("the rules version")
        guard version == Rules.version else { throw .unknownRules(version) }
        let position = reader.position
        guard let kind = Kind(rawValue: try reader.byte("the kind")) else {
            throw .malformed(at: position, "the kind: 1, 2 or 3")
        }
        switch kind {
        case .claim: self = .claim(try Claim(from: &reader))
        case .probe: self = .probe(try Probe(from: &reader))
        case .strike: self = .strike(try Strike(from: &reader))
        }
        try reader.end()
    }
}

extension ByteReader {
    mutating func limitID() throws(RecordFault) -> LimitID {
        LimitID(high: try fixed("the limit id"), low: try fixed("the limit id"))
    }

    mutating func process() throws(RecordFault) -> ProcessID { ProcessID(try fixed("the process id")) }

    mutating func sequence() throws(RecordFault) -> UInt64 {
        UInt64(try number("the sequence number", in: 1...Int64.max))
    }

    mutating func part() throws(RecordFault) -> Part {
        let position = position
        guard let part = Part(rawValue: try byte("the part")) else {
            throw .malformed(at: position, "the part: 0 or 1")
        }
        return part
    }
}

extension Claim {
    fileprivate init(from reader: inout ByteReader) throws(RecordFault) {
        limitID = try reader.limitID()
        process = try reader.process()
        sequence = try reader.sequence()
        configurationVersion = try reader.number("the configuration version", in: 0...Int64.max)
        limit = try reader.number("the limit", in: 1...Bounds.limit)
        need = try reader.number("the need", in: 0...Bounds.limit)
        extra = try reader.number("the extra", in: 0...Bounds.limit)
        let position = reader.position
        let flags = try reader.byte("the flags")
        guard flags & ~LimitRecord.Flag.all == 0 else { throw .malformed(at: position, "the flags: 1, 2 and 4 only") }
        isWhole = flags & LimitRecord.Flag.whole != 0
        settlements = []
        for _ in 0..<(try reader.number("the number of settlements", in: 0...Bounds.settlements)) {
            settlements.append(try Settlement(from: &reader, in: sequence))
        }
        establishedAt = try reader.number("the offset of establishment", in: 0...Int64.max)
        if flags & LimitRecord.Flag.digest != 0 {
            let offset = try reader.number("the digest's offset", in: 0...Int64.max)
            digest = StateDigest(offset: offset, bits: try reader.fixed("the digest"))
        } else {
            digest = nil
        }
        if flags & LimitRecord.Flag.checkpoint != 0 {
            let asOf = try reader.number("the checkpoint's offset", in: 0...Int64.max)
            let length = try reader.number("the checkpoint's length", in: 0...Bounds.form)
            checkpoint = Checkpoint(asOf: asOf, form: try reader.raw(length, "the checkpoint"))
        } else {
            checkpoint = nil
        }
    }
}

extension Settlement {
    fileprivate init(from reader: inout ByteReader, in claim: UInt64) throws(RecordFault) {
        guard claim > 1 else { throw .malformed(at: reader.position, "no settlement: there was no claim before") }
        sequence = claim - UInt64(try reader.number("the settled claim", in: 1...Int64(claim) - 1))
        part = try reader.part()
        uses = []
        var age: Int64 = 0
        var total = 0
        for index in 0..<(try reader.number("the number of runs", in: 0...Bounds.uses)) {
            age += try reader.number("the age", in: (index == 0 ? 0 : 1)...1_000_000)
            let count = try reader.number("the permits used", in: 1...Bounds.limit)
            total += count
            guard total <= Bounds.limit else { throw .malformed(at: reader.position, "at most 1,000,000 permits used") }
            uses.append(Use(ageSteps: age, count: count))
        }
    }
}

extension Probe {
    fileprivate init(from reader: inout ByteReader) throws(RecordFault) {
        process = try reader.process()
        sequence = try reader.sequence()
        alarmRemaining = try reader.number("the alarm's remaining time", in: 0...Bounds.alarm)
    }
}

extension Strike {
    fileprivate init(from reader: inout ByteReader) throws(RecordFault) {
        limitID = try reader.limitID()
        process = try reader.process()
        limit = try reader.number("the limit", in: 1...Bounds.limit)
        count = try reader.number("the strikes", in: 1...Bounds.limit)
    }
}
