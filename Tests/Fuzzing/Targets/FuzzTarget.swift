/// A decoder, and what must hold of it for whatever bytes it is given.
struct FuzzTarget: Sendable {
    var name: String
    /// Throws if a promise does not hold. A crash is a finding too.
    var check: @Sendable ([UInt8]) throws(Broken) -> Void

    static let all = [json, event, order, smtp, refusal, reply, form, charset, claim, control]
}

/// A promise that did not hold.
struct Broken: Error, CustomStringConvertible {
    var promise: String
    var description: String { "does not hold: \(promise)" }
}

func promise(_ promise: @autoclosure () -> String, _ holds: Bool) throws(Broken) {
    guard holds else { throw Broken(promise: promise()) }
}

/// What a decoder came to: a value, or the text of its refusal.
enum Verdict<Value: Equatable>: Equatable {
    case taken(Value)
    case refused(String)

    init(_ decode: () throws -> Value) {
        do { self = .taken(try decode()) } catch { self = .refused("\(error)") }
    }

    var value: Value? { if case .taken(let value) = self { value } else { nil } }
}

/// An input's bytes, from which a target also takes its choices.
struct Input {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// The next byte; 0 if there is none.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// The bytes up to the next line feed, which is taken too.
    mutating func line() -> [UInt8] {
        let line = Array(rest.prefix { $0 != 10 })
        rest = rest.dropFirst(line.count + 1)
        return line
    }
}
