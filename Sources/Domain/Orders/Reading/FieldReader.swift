import JSON

/// Checks single fields and collects the faults.
///
/// A body is *asked* (a request: everything is checked and normalised) or *stored* (an event, which was checked when it
/// was accepted: kinds alone matter, so that a rule that grows stricter never turns an old event unreadable).
struct FieldReader {
    enum Origin { case asked, stored }

    /// The rules by which a request is read.
    ///
    /// What names an order and its digest must not change with the rules: an order that was accepted by the first ones
    /// is the same when it is sent again. So if the present rules read a value differently, the body is read by the
    /// first ones, too, and what these read names the order.
    enum Rules { case present, first }

    let settings: AccountSettings
    let origin: Origin
    let rules: Rules
    /// Whether soft faults are refused like others.
    let isStrict: Bool
    private(set) var faults: [FieldFault] = []
    private(set) var warnings: [PendingWarning] = []
    /// The first rules could make something else of the body.
    private(set) var mayDiffer = false

    init(settings: AccountSettings, origin: Origin, rules: Rules = .present, isStrict: Bool = false) {
        self.settings = settings
        self.origin = origin
        self.rules = rules
        self.isStrict = isStrict
    }

    /// Whether a request is read as requests are now.
    var isPresent: Bool { origin == .asked && rules == .present }

    /// Notes that the first rules may have read a value differently.
    mutating func differs() { mayDiffer = true }

    /// Something is changed or left out: the caller gets a warning.
    mutating func warn(_ warning: PendingWarning) {
        if warnings.count < FieldWarning.countMaximum { warnings.append(warning) }
    }

    /// The same, in words.
    mutating func warn(_ code: FieldWarning.Code, at pointer: String, _ message: String) {
        warn(.warning(FieldWarning(pointer: pointer, code: code.rawValue, message: message)))
    }

    /// Reports a fault as a warning: what it concerns is left out.
    private mutating func soften(_ fault: FieldFault) {
        warn(
            .warning(
                FieldWarning(
                    pointer: fault.pointer, code: fault.code.rawValue,
                    message: "left out: expected \(fault.expected), got \(fault.came)")))
    }

    /// Reports the faults that `isSoft` picks as warnings; strict callers have them refused.
    mutating func softenFaults(_ isSoft: (FieldFault) -> Bool) {
        guard isPresent, !isStrict, faults.contains(where: isSoft) else { return }
        for fault in faults where isSoft(fault) { soften(fault) }
        faults.removeAll(where: isSoft)
    }

    mutating func fault(_ code: FieldFault.Code, at place: Place, expected: String, came: String) {
        guard faults.count < BodyError.faultsMaximum else { return }
        faults.append(FieldFault(code, at: place.pointer, expected: expected, came: came))
    }

    mutating func wrongType(at place: Place, expected: JSONKind, came: JSONKind) {
        fault(.wrongType, at: place, expected: expected.description, came: came.description)
    }

    /// Reads a scalar member; an object or array in its place is a fault.
    mutating func scalar(
        _ field: some BodyField, _ reader: inout JSONReader, at place: Place
    ) throws(JSONError) -> Scalar? {
        if reader.isNext(.object) || reader.isNext(.array), let kind = reader.next {
            wrongType(at: place, expected: field.kind, came: kind)
        }
        return try reader.scalar()
    }

    /// Whether the next value is of the kind; if not it is skipped, and a fault unless it is null.
    mutating func isNext(
        _ kind: JSONKind, _ reader: inout JSONReader, at place: Place
    ) throws(JSONError) -> Bool {
        if reader.isNext(kind) { return true }
        guard let came = reader.next, came != .null else {
            try reader.skip()
            return false
        }
        // PHP's empty array is what it makes of an object without members; an empty text is as absent as null.
        let mayBeEmpty = isPresent && (came == .array || came == .string) && !place.isBody
        if mayBeEmpty, try isEmpty(&reader, came) { return false }
        wrongType(at: place, expected: kind, came: came)
        if !mayBeEmpty { try reader.skip() }
        return false
    }

    /// Reads an array or a text; whether nothing is in it.
    private func isEmpty(_ reader: inout JSONReader, _ kind: JSONKind) throws(JSONError) -> Bool {
        if kind == .string { return try reader.string().allSatisfy(\.isWhitespace) }
        var isEmpty = true
        try reader.array { reader throws(JSONError) in
            isEmpty = false
            try reader.skip()
        }
        return isEmpty
    }
}
