public import JSON

extension [FieldWarning] {
    /// Writes them as answers and records have them: an array of objects with `pointer`, `code` and `message`.
    public func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for warning in self {
                writer.object { writer in
                    writer.key("pointer")
                    writer.string(warning.pointer)
                    writer.key("code")
                    writer.string(warning.code)
                    writer.key("message")
                    writer.string(warning.message)
                }
            }
        }
    }

    /// Reads what was written so; what is not of that shape is left out.
    init(reading json: inout JSONReader) throws(JSONError) {
        self = []
        guard json.isNext(.array) else {
            try json.skip()
            return
        }
        var read: [FieldWarning] = []
        try json.array { json throws(JSONError) in
            guard json.isNext(.object) else { return try json.skip() }
            var warning = FieldWarning(pointer: "", code: "", message: "")
            try json.object { json, key throws(JSONError) in
                guard json.isNext(.string) else { return try json.skip() }
                switch key {
                case "pointer": warning.pointer = try json.string()
                case "code": warning.code = try json.string()
                case "message": warning.message = try json.string()
                default: try json.skip()
                }
            }
            if read.count < FieldWarning.countMaximum { read.append(warning) }
        }
        self = read
    }
}
