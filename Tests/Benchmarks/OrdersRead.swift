import Crypto
import Foundation
import JSON
import Orders

/// How fast orders are read with everything checked, and written as events, on one core; beside Foundation's decoder,
/// which checks nothing of an order, in the same run.
enum OrdersRead {
    private static let roundCount = 9
    private static let orderCount = 20_000

    static func run(_ words: [String]) {
        let bodies = (0..<64).map(body)
        let settings = AccountSettings(locale: .uk, country: "UA", currency: .uah)
        print(
            "body: \(bodies[0].count) bytes; \(roundCount) rounds of \(orderCount), alternating; median [slowest–fastest]"
        )
        var rates: [(name: String, rates: [Double])] = []
        func measure(_ name: String, _ work: (Int) -> Int) {
            let start = ContinuousClock.now
            var sum = 0
            for number in 0..<orderCount { sum &+= work(number) }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            precondition(sum != 0)
            let rate = Double(orderCount) / seconds
            if let index = rates.firstIndex(where: { $0.name == name }) {
                rates[index].rates.append(rate)
            } else {
                rates.append((name, [rate]))
            }
        }
        let drafts = bodies.map { body in
            guard let draft = try? OrderDraft.read(body, settings: settings) else { fatalError("the body is at fault") }
            return draft
        }
        let datas = bodies.map { Data($0) }
        let decoder = JSONDecoder()
        for _ in 0..<roundCount {
            measure("skimmed (JSON checked, nothing kept)") { number in skim(bodies[number & 63]) }
            measure("read and checked") { number in
                (try? OrderDraft.read(bodies[number & 63], settings: settings))?.items.count ?? 0
            }
            measure("Foundation's JSONDecoder, nothing checked") { number in
                (try? decoder.decode(PlainOrder.self, from: datas[number & 63]))?.items.count ?? 0
            }
            measure("digest") { number in Int(CanonicalForm(drafts[number & 63]).digest.bytes[0]) + 1 }
            measure("event made and encoded") { number in encode(drafts[number & 63], number) }
            measure("read, checked, event made and encoded") { number in
                guard let draft = try? OrderDraft.read(bodies[number & 63], settings: settings) else { return 0 }
                return encode(draft, number)
            }
        }
        for (name, rates) in rates {
            let sorted = rates.sorted()
            let figures = [sorted[sorted.count / 2], sorted[0], sorted[sorted.count - 1]].map { String(Int($0)) }
            print("\(name): \(figures[0])/s [\(figures[1])–\(figures[2])]")
        }
    }

    private static func skim(_ body: [UInt8]) -> Int {
        do {
            let span = body.span
            var reader = try JSONReader(span.bytes)
            try reader.skip()
            try reader.end()
            return 1
        } catch { return 0 }
    }

    private static func encode(_ draft: OrderDraft, _ number: Int) -> Int {
        let order = OrderID(account: "acme", .external(id: draft.externalID ?? "", source: draft.source))
        let event = Event(
            id: EventID.created(order).text, account: "acme", order: order,
            time: Timestamp(milliseconds: 1_777_638_600_000 + Int64(number)), traceparent: nil, content: .created(draft)
        )
        return event.encoded().value.count
    }

    /// An order of one KB, with Cyrillic names, escapes, and all that is usual.
    private static func body(_ number: Int) -> [UInt8] {
        Array(
            """
            {"externalId":"A-\(100_000 + number)","source":"shop.example.ua","offerId":"5f1a7c9e3b2d4a6f8e0c1b3d","title":"Курс \
            «Таргет з нуля»","price":"\(1250 + number).50","currency":"UAH","email":"olena.kovalenko\(number)@example.com",\
            "phone":"+3806712345\(10 + number % 80)","transactionDate":"2026-05-01T12:30:00.000Z","isNotifyAccount":true,\
            "managerId":"5f1a7c9e3b2d4a6f8e0c1b3e","locale":"uk","customer":{"name":"Олена Коваленко","personId":\
            "5f1a7c9e3b2d4a6f8e0c1b40"},"items":[{"title":"Книга \\"Продажі\\"","quantity":2,"price":"400.25","sku":"BOOK-1"},\
            {"title":"Курс «Таргет з нуля», тариф «Основний»","quantity":1,"price":450,"sku":"COURSE-7"}],"utm":{"source":\
            "instagram","medium":"cpc","campaign":"may_2026","content":"banner-3","term":"курси"},"comment":"Передзвоніть, \
            будь ласка, після 18:00\\nДякую!","metadata":{"ip":"203.0.113.7","userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",\
            "tags":["new","web",17,true,null]}}
            """.utf8)
    }
}

/// What a program on Foundation would decode the same body into.
private struct PlainOrder: Decodable {
    struct Item: Decodable {
        var title: String
        var quantity: Int
        var price: Price?
        var sku: String?
    }
    struct Customer: Decodable {
        var name: String?
        var personId: String?
    }
    enum Price: Decodable {
        case text(String)
        case number(Decimal)
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .number(try container.decode(Decimal.self))
            }
        }
    }
    var externalId, source, offerId, paymentCreditsId, managerId, title, currency, email, phone, locale: String?
    var transactionDate: String?
    var price: Price?
    var isNotifyAccount: Bool?
    var customer: Customer?
    var items: [Item]
    var utm: [String: String]?
}
