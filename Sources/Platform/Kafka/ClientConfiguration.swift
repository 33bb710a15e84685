internal import CLibrdkafka
internal import Glibc

/// A configuration of the client library, until a client takes it over.
struct ClientConfiguration: ~Copyable {
    private let handle: OpaquePointer
    private let isHurried: Bool

    /// The given properties under our rules for `role`, with every kind of event delivered on queues.
    init(_ role: ClientRules.Role, _ properties: ClientProperties) throws(KafkaError) {
        handle = try Self.make(try ClientRules.values(role, over: properties.values))
        isHurried = role.isHurried
    }

    deinit { rd_kafka_conf_destroy(handle) }

    private static func make(_ values: [String: String]) throws(KafkaError) -> OpaquePointer {
        let handle = rd_kafka_conf_new()!
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            do { try set(name, value, in: handle) } catch {
                rd_kafka_conf_destroy(handle)
                throw error
            }
        }
        rd_kafka_conf_set_events(
            handle,
            RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_REBALANCE
                | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_STATS)
        return handle
    }

    private static func set(_ name: String, _ value: String, in handle: OpaquePointer) throws(KafkaError) {
        var reason = [CChar](repeating: 0, count: 512)
        guard rd_kafka_conf_set(handle, name, value, &reason, reason.count) == RD_KAFKA_CONF_OK else {
            throw KafkaError(.configuration, "the Kafka property \(name) was refused: \(text(reason, hiding: value))")
        }
    }

    /// The names in the library's own description of itself, a table of which they are the first column. Those with an
    /// underscore are callbacks and pointers, which cannot be given as text.
    static func propertyNames() -> [String] {
        var text: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let stream = open_memstream(&text, &size) else { return [] }
        rd_kafka_conf_properties_show(stream)
        fclose(stream)
        defer { free(text) }
        guard let text else { return [] }
        let names = String(cString: text).split(separator: "\n").filter { $0.contains("|") }.map { line in
            String(line.prefix { $0 != " " && $0 != "|" })
        }
        // A property of topics is listed a second time if the library has it for both.
        var seen: Set<String> = []
        return names.filter { name in
            name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "." } && !name.isEmpty
                && seen.insert(name).inserted
        }
    }

    /// The effective value of `name`, as the library has it; nil if it knows no such property.
    borrowing func value(of name: String) -> String? {
        var size = 0
        guard rd_kafka_conf_get(handle, name, nil, &size) == RD_KAFKA_CONF_OK, size > 0 else { return nil }
        var text = [CChar](repeating: 0, count: size)
        guard rd_kafka_conf_get(handle, name, &text, &size) == RD_KAFKA_CONF_OK else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Makes a client, which takes the configuration over.
    consuming func makeClient(_ type: rd_kafka_type_t) throws(KafkaError) -> OpaquePointer {
        var reason = [CChar](repeating: 0, count: 512)
        // A failed rd_kafka_new leaves the configuration with its caller, so it is given a copy and ours is always
        // freed.
        let copy = rd_kafka_conf_dup(handle)
        let make = { rd_kafka_new(type, copy, &reason, reason.count) }
        guard let client = isHurried ? make() : unhurried(make) else {
            rd_kafka_conf_destroy(copy)
            throw KafkaError(.configuration, "the Kafka client could not be created: \(Self.text(reason, hiding: ""))")
        }
        return client
    }

    /// The library's reason; a value that might be a secret is not repeated.
    private static func text(_ reason: [CChar], hiding value: String) -> String {
        let text = String(decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard value.count > 3, let place = text.range(of: value) else { return text }
        return text.replacingCharacters(in: place, with: "…")
    }
}

extension String {
    /// Where `part` first stands in the text.
    fileprivate func range(of part: String) -> Range<Index>? {
        indices.lazy.compactMap { start -> Range<Index>? in
            self[start...].hasPrefix(part) ? start..<self.index(start, offsetBy: part.count) : nil
        }.first
    }

    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: text)
        return copy
    }
}
