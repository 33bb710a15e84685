import Access

extension FuzzTarget {
    /// A record of topic `control`, its key in the first line; and that line as a caller's token. What is read is written
    /// so that it reads as the same; a token has one text.
    static let control = FuzzTarget(name: "control") { bytes throws(Broken) in
        var input = Input(bytes)
        let key = String(decoding: input.line(), as: UTF8.self)
        let value = Array(input.rest)
        let read = Verdict { try ControlRecord(key: key, value: value) }
        try promise("the same twice", Verdict { try ControlRecord(key: key, value: value) } == read)
        if case .taken(let record?) = read {
            try promise("a record stands under its own key", record.key == key)
            let encoded = record.encoded()
            try promise(
                "what was read reads as the same", Verdict { try ControlRecord(key: key, value: encoded) } == read)
        }
        if let token = Token(key) {
            try promise("a token has one text", token.text == key)
            try promise("its secret is never shown", !"\(token)".contains(key.suffix(43)))
        }
    }
}
