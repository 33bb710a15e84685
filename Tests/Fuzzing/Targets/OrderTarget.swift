import Orders

extension FuzzTarget {
    /// A caller's body, its first byte saying as what it is read: what is taken is canonical (it reads as the same
    /// again, with the same digest, and comes back from the topic), what is refused is refused with faults that can be
    /// shown.
    static let order = FuzzTarget(name: "order") { bytes throws(Broken) in
        var input = Input(bytes)
        let kind = input.byte()
        let body = Array(input.rest)
        switch kind % 3 {
        case 0:
            guard let draft = try taken({ try OrderDraft.read(body, settings: settings) }) else { return }
            let form = CanonicalForm(draft).bytes
            try promise(
                "the canonical form reads as the same",
                Verdict { try OrderDraft(canonicalForm: form) } == .taken(draft))
            try promise(
                "also as a caller's", Verdict { try OrderDraft.read(form, settings: settings) } == .taken(draft))
            try promise(
                "with the same digest",
                (try? CanonicalForm(OrderDraft(canonicalForm: form)))?.digest == CanonicalForm(draft).digest)
            try comesBack(.created(draft))
        case 1:
            guard let change = try taken({ try OrderChange.read(body, settings: settings) }) else { return }
            try comesBack(.updated(change))
        default:
            let read = { () throws(BodyError) in
                try Purchase.read(body, settings: settings).change(pricedIn: settings.currency)
            }
            guard let change = try taken(read) else { return }
            try comesBack(.paid(change))
        }
    }

    private static let settings = AccountSettings(locale: .uk, country: "UA", currency: .uah)
    private static let anOrder = OrderID(account: "a", .external(id: "1", source: nil))

    private static func comesBack(_ content: Event.Content) throws(Broken) {
        let event = Event(
            id: "e", account: "a", order: anOrder, time: Timestamp(milliseconds: 0), traceparent: nil, content: content)
        let encoded = event.encoded()
        try promise(
            "it comes back from the topic",
            Verdict { try Event(headers: encoded.headerBytes, value: encoded.value) } == .taken(event))
    }

    /// What was read, the same twice; nil if it was refused, with faults that have a bound, a pointer and no control
    /// characters.
    private static func taken<Value: Equatable>(_ read: () throws -> Value) throws(Broken) -> Value? {
        let verdict = Verdict(read)
        try promise("the same twice", Verdict(read) == verdict)
        do { return try read() } catch {
            guard case .faults(let faults)? = error as? BodyError else { return nil }
            try promise("there are faults, not too many", 1...BodyError.faultsMaximum ~= faults.count)
            for fault in faults {
                try promise("a pointer is one", fault.pointer.isEmpty || fault.pointer.hasPrefix("/"))
                for text in [fault.pointer, fault.expected, fault.came] {
                    try promise("what is shown is short: \(text)", text.utf8.count < 500)
                    try promise(
                        "what is shown has no control characters", !text.utf8.contains { $0 < 0x20 || $0 == 0x7F })
                }
            }
            return nil
        }
    }
}
