/// A template's parts, in order.
indirect enum Node: Sendable, Equatable {
    case text([UInt8])
    /// A line of the template begins here: the place for the indentation of a partial that stands alone.
    case lineStart
    case variable(Name, isEscaped: Bool)
    case section(Name, isInverted: Bool, [Node], line: Int)
    /// `indentation`: set where the tag stands alone on its line.
    case partial(String, indentation: [UInt8]?, line: Int)
}

/// The dotted name in a tag; empty for the implicit iterator `.`.
struct Name: Sendable, Equatable {
    var parts: [String]
}
