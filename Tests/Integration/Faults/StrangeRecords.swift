import Foundation
import Kafka
import Ledger
import Orders
import Support

/// What somebody may write on topic `orders`, all on one partition, and an order as `ingest` writes it last.
final class StrangeRecords: Sendable {
    private struct Strange: Sendable {
        enum Fate: Sendable {
            /// Nobody can use it.
            case poison
            /// A newer program may.
            case skipped
            /// The read model cannot keep it, as these words say; who keeps no index of it takes it in.
            case refused(Event, words: String)
            case taken(Event)
        }

        var fate: Fate
        var key: [UInt8]
        var value: [UInt8]?
        var headers: [RecordHeader]
    }

    private let all: [Strange]

    init() {
        var generator = SystemRandomNumberGenerator()
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255, using: &generator) } }
        /// Of scalars of four bytes, which no database makes shorter.
        func text(_ count: Int) -> String {
            let scalars = (0..<count).map { _ in Unicode.Scalar(UInt32.random(in: 0x2_0000...0x2_A6DF))! }
            return String(String.UnicodeScalarView(scalars))
        }
        let plain = Self.event(0) { _ in }
        let encoded = plain.encoded()
        func record(
            _ fate: Strange.Fate, _ value: [UInt8]?, key: [UInt8]? = nil, headers: [String: [UInt8]]? = [:]
        ) -> Strange {
            let own = headers.map { changed in
                encoded.headers.map { RecordHeader($0.name, changed[$0.name] ?? Array($0.value.utf8)) }
            }
            return Strange(fate: fate, key: key ?? encoded.key, value: value, headers: own ?? [])
        }
        func record(_ event: Event, refused words: String? = nil) -> Strange {
            let encoded = event.encoded()
            return Strange(
                fate: words.map { .refused(event, words: $0) } ?? .taken(event), key: encoded.key, value: encoded.value,
                headers: encoded.headers.map { RecordHeader($0.name, text: $0.value) })
        }
        func id(_ text: String) -> [String: [UInt8]] { ["ce_id": Array(text.utf8)] }
        // With its headers nearly the million bytes that a message may have.
        let megabyte = [UInt8](repeating: UInt8(ascii: "["), count: 990_000)
        all = [
            record(.poison, Array("not an event".utf8), headers: nil),
            record(.poison, nil, headers: nil),
            record(.poison, [], headers: id("empty")),
            record(.skipped, Array("{\"schema\":2,\"order\":[]}".utf8), headers: id("newer")),
            record(
                .skipped, Array("{}".utf8),
                headers: ["ce_id": [0x75], "ce_type": Array("orderrelay.order.teleported".utf8)]),
            record(.poison, megabyte, headers: nil),
            record(.poison, megabyte, headers: id("large")),
            record(.poison, bytes(900_000), headers: id("random")),
            record(.poison, bytes(3_000), key: bytes(3_000), headers: nil),
            record(.poison, encoded.value, headers: id("with\0zero")),
            record(.poison, encoded.value, headers: id(text(750))),
            record(
                .poison, encoded.value, key: Array(text(750).utf8),
                headers: ["ce_id": [0x73], "ce_subject": Array(text(750).utf8)]),
            record(
                .poison, Self.event(1) { $0.price = Money(minorUnits: .max, currency: .uah) }.encoded().value,
                headers: id("rich")),
            record(Self.event(2) { $0.externalID = text(256) }, refused: "external id: 256 characters"),
            record(Self.event(3) { $0.buyer.email = text(750) }, refused: "email: 750 characters"),
            record(Self.event(4, account: text(256)) { _ in }, refused: "account: 256 characters"),
            record(
                Self.event(5, account: text(255)) { draft in
                    draft.offerID = text(255)
                    draft.source = text(255)
                }, refused: "account, currency, offer, source: 3061 bytes together"),
            record(
                Self.event(6) { draft in
                    draft.externalID = "a\0b"
                    draft.buyer.name = "\0"
                }),
            // One offer to PostgreSQL, and two to us.
            record(Self.event(7) { $0.offerID = "\0" }),
            record(Self.event(8) { $0.offerID = "\u{FFFD}" }),
            record(Self.event(9) { $0.title = String(repeating: "x", count: 900_000) }),
            record(Self.event(10, notify: true) { _ in }),
        ]
    }

    /// All are of one minute.
    private static let time = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))

    private static func event(
        _ number: Int, account: String = "shop", notify: Bool = false, _ edit: (inout OrderDraft) -> Void
    ) -> Event {
        var draft = OrderDraft(locale: .en)
        draft.buyer.email = "olena@example.com"
        draft.isNotifyAccount = notify
        edit(&draft)
        let order = OrderID(account: "shop", .external(id: "\(number)", source: nil))
        return Event(
            id: EventID.created(order).text, account: account, order: order, time: time, traceparent: nil,
            content: .created(draft))
    }

    var count: Int64 { Int64(all.count) }

    func publish(_ kafka: RealKafka) async throws {
        let producer = try Producer(kafka.properties)
        for one in all {
            _ = try await producer.send(
                OutgoingRecord(topic: Event.topic, partition: 0, key: one.key, value: one.value, headers: one.headers))
        }
        await producer.close(timeout: .seconds(5))
    }

    /// The offsets of what a worker can make nothing of.
    func poison(for worker: String) -> [Int] {
        all.indices.filter {
            switch all[$0].fate {
            case .poison: true
            case .refused: worker == ReadModel.worker
            case .skipped, .taken: false
            }
        }
    }

    /// How many are skipped for another reason.
    var skipped: Int { all.count { if case .skipped = $0.fate { true } else { false } } }

    /// Those that the read model shows.
    var orders: [OrderID] { all.compactMap { if case .taken(let event) = $0.fate { event.order } else { nil } } }

    /// The orders that it refuses, and how it says so.
    var refused: [(OrderID, words: String)] {
        all.compactMap { if case .refused(let event, let words) = $0.fate { (event.order, words) } else { nil } }
    }

    func account(of order: OrderID) -> String {
        for case .refused(let event, _) in all.map(\.fate) where event.order == order { return event.account }
        return "shop"
    }
}
