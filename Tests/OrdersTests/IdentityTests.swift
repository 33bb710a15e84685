import Crypto
import Orders
import Testing

/// The vectors were computed by another program (Python's hashlib) from the description in the documentation.
@Suite("Identity")
struct IdentityTests {
    @Test("an order's id is what its natural key hashes to")
    func vectors() {
        func id(_ account: String, _ key: NaturalKey) -> String { OrderID(account: account, key).text }
        #expect(id("acme", .external(id: "A-1001", source: "shop")) == "9ab322c4d8f422475a2ec49e")
        #expect(id("acme", .external(id: "A-1001", source: nil)) == "c026f02534769b942a925a0f")
        #expect(id("acme", .external(id: "Замовлення №7", source: "магазин")) == "aaf94964b3e02a44235fb791")
        #expect(id("acme", .idempotencyKey("key-1")) == "58c368e39bfee283ebb0a0ab")
        #expect(id("acme", .idempotencyKey("key-1", index: 0)) == "24c63da834c1365981e271c7")
        #expect(id("other", .external(id: "A-1001", source: "shop")) == "fc44d5c1b0176d24a60972b1")
        #expect(id("acme", .random([UInt8](0..<12))) == "000102030405060708090a0b")
    }

    @Test("ids are in the order of their texts, in which the ledger's rows are locked")
    func order() {
        let ids =
            (0..<500).map { OrderID(account: "acme", .external(id: "\($0 % 400)", source: nil)) }
            + [OrderID("0123456789abcdef00000001")!, OrderID("0123456789abcdeff0000000")!]
        #expect(ids.sorted().map(\.text) == ids.map(\.text).sorted())
    }

    @Test("keys that would read alike without lengths and tags have different ids")
    func noCollisions() {
        let ids = [
            OrderID(account: "acme", .external(id: "A-1", source: "001shop")),
            OrderID(account: "acme", .external(id: "A-1001", source: "shop")),
            OrderID(account: "acmee", .external(id: "A-1001", source: "shop")),
            OrderID(account: "acme", .external(id: "A-1001shop", source: nil)),
            OrderID(account: "acme", .idempotencyKey("A-1001shop")),
        ]
        #expect(Set(ids).count == ids.count)
        #expect(ids[0].text == "e1eca485af1577c846b9cc41")
    }

    @Test("only 24 lower-case hexadecimal characters are an order's id")
    func orderIDs() {
        #expect(OrderID("9ab322c4d8f422475a2ec49e")?.description == "9ab322c4d8f422475a2ec49e")
        for text in [
            "", "9ab322c4d8f422475a2ec49", "9ab322c4d8f422475a2ec49ef", "9AB322c4d8f422475a2ec49e",
            "9ab322c4d8f422475a2ec49g",
        ] {
            #expect(OrderID(text) == nil, "\(text)")
        }
    }

    @Test("events of an order are named after it, repeats alike, conflicts after what they say")
    func eventIDs() {
        #expect(EventID.created(orderID).text == "9ab322c4d8f422475a2ec49e.created")
        let paid = EventID.later(orderID, .paid, .idempotencyKey("key-1")).text
        #expect(paid == "9ab322c4d8f422475a2ec49e.paid.be2974546978")
        #expect(
            EventID.later(orderID, .updated, .random([0, 1, 2, 3, 4, 255])).text
                == "9ab322c4d8f422475a2ec49e.updated.0001020304ff")
        #expect(Envelope.conflictID(of: paid, digest: CanonicalForm(fullDraft).digest) == "\(paid)~6bfc74a48b60")
    }

    @Test("the digest is SHA-256 of the canonical form without transactionDate")
    func digests() {
        #expect(
            CanonicalForm(fullDraft).digest.description
                == "6bfc74a48b6015e89a74cc2789dc8d162a0646d7f563ba77b595255cbec3a4d8")
        var later = fullDraft
        later.transactionDate = Timestamp(milliseconds: 5)
        #expect(CanonicalForm(later).digest == CanonicalForm(fullDraft).digest)
        #expect(
            CanonicalForm(EventCodecTests.change).digest.description
                == "d19ccee10117e1eeecbd516ef4cd32cae745b122851dd50c3672ac0897122b09")
        #expect(
            CanonicalForm(OrderChange()).digest.description
                == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
    }

    @Test("every member of a draft is in its digest")
    func digestCoversAll() {
        var drafts = [fullDraft]
        func vary(_ change: (inout OrderDraft) -> Void) {
            var draft = fullDraft
            change(&draft)
            drafts.append(draft)
        }
        vary { $0.externalID = nil }
        vary { $0.source = "other" }
        vary { $0.offerID = "other" }
        vary { $0.paymentCreditsID = "other" }
        vary { $0.managerID = "other" }
        vary { $0.title = "other" }
        vary { $0.price = nil }
        vary { $0.price?.minorUnits += 1 }
        vary { $0.items.swapAt(0, 1) }
        vary { $0.items[0].quantity = 3 }
        vary { $0.items[0].sku = nil }
        vary { $0.items[1].price = nil }
        vary { $0.buyer.name = "other" }
        vary { $0.buyer.email = "other" }
        vary { $0.buyer.phone = "other" }
        vary { $0.buyer.personID = "other" }
        vary { $0.locale = .en }
        vary { $0.utm[.term] = "other" }
        vary { $0.isNotifyAccount = true }
        #expect(Set(drafts.map { CanonicalForm($0).digest }).count == drafts.count)
    }

    @Test("buyers are marked by e-mail of any case, else phone, else person, per account, without any address in it")
    func buyerMarks() {
        let olena = Buyer(email: "Olena@example.com", phone: "+380671234567")
        #expect(olena.mark(account: "acme") == "11339b3a2ab46249ac6628e0c7c39f28")
        #expect(Buyer(email: "olena@example.com").mark(account: "acme") == olena.mark(account: "acme"))
        #expect(olena.mark(account: "other") != olena.mark(account: "acme"))
        #expect(Buyer(phone: "1").mark(account: "acme") != Buyer(personID: "1").mark(account: "acme"))
        #expect(Buyer(name: "Олена").mark(account: "acme") == nil)
    }
}
