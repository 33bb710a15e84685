import JSON

/// Judges single fields and keeps the faults.
///
/// A body is *asked* (a request: everything is checked and normalised) or *stored* (an event, which was checked when it
/// was accepted: kinds alone matter, so that a rule that grows stricter never turns an old event unreadable).
struct FieldReader {
    enum Origin { case asked, stored }

    let settings: AccountSettings
    let origin: Origin
    private(set) var faults: [FieldFault] = []

    init(settings: AccountSettings, origin: Origin) {
        self.settings = settings
        self.origin = origin
    }

    mutating func fault(_ code: FieldFault.Code, at place: Place, expected: String, came: String) {
        guard faults.count < BodyError.faultsMax else { return }
        faults.append(FieldFault(code, at: place.pointer, expected: expected, came: came))
    }

    mutating func wrongType(at place: Place, expected: JSONKind, came: JSONKind) {
        fault(.wrongType, at: place, expected: expected.description, came: came.description)
    }

    /// Reads a scalar member; an object or array in its place is a fault.
    mutating func scalar(
        _ reader: inout JSONReader, at place: Place, expected: JSONKind = .string
    ) throws(JSONError) -> Scalar? {
        if reader.isNext(.object) || reader.isNext(.array), let kind = reader.next {
            wrongType(at: place, expected: expected, came: kind)
        }
        return try reader.scalar()
    }

    /// Whether the next value is of the kind; if not it is skipped, and a fault unless it is null.
    mutating func isNext(
        _ kind: JSONKind, _ reader: inout JSONReader, at place: Place
    ) throws(JSONError) -> Bool {
        if reader.isNext(kind) { return true }
        if let came = reader.next, came != .null { wrongType(at: place, expected: kind, came: came) }
        try reader.skip()
        return false
    }
}
