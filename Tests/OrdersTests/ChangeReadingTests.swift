import JSON
import Orders
import Testing

@Suite("Reading changes and purchases")
struct ChangeReadingTests {
    func changeFaults(_ body: String) -> [FieldFault] {
        do throws(BodyError) {
            _ = try OrderChange.reading(Array(body.utf8), settings: settings, isStrict: true)
            return []
        } catch {
            guard case .faults(let faults) = error else { return [] }
            return faults
        }
    }

    @Test("a change has a status of either vocabulary, a price, a payment date and comments")
    func change() throws {
        let body =
            #"{"status":"resolved","price":"10.5","currency":"EUR","paymentDate":"2026-05-01","userComments":"ok","x":[]}"#
        #expect(
            try OrderChange.read(Array(body.utf8), settings: settings)
                == OrderChange(
                    status: .success, price: Money(minorUnits: 1050, currency: #require(Currency("EUR"))),
                    paymentDate: Timestamp(iso8601: "2026-05-01"), userComments: "ok"))
    }

    @Test("both vocabularies name the same four states")
    func statuses() throws {
        let names: [(String, OrderStatus)] = [
            ("RESOLVED", .success), ("SUCCESS", .success), ("REJECTED", .failed), ("FAILED", .failed),
            ("REFUNDED", .refunded),
        ]
        for (name, status) in names {
            #expect(try OrderChange.read(Array(#"{"status":"\#(name)"}"#.utf8), settings: settings).status == status)
        }
        for (name, status) in names + [("OPENED", .pending), ("ORDER", .pending), ("PENDING", .pending)] {
            #expect(OrderStatus(anyName: name) == status)
        }
        #expect(OrderStatus.allCases.map(\.outcomeName) == ["OPENED", "RESOLVED", "REJECTED", "REJECTED"])
        #expect(OrderStatus(anyName: "PAID") == nil)
    }

    @Test("an order is not opened by a change, and a change changes something")
    func refusals() {
        #expect(changeFaults(#"{"status":"OPENED"}"#).map(\.code) == [.wrongStatus])
        #expect(
            changeFaults(#"{"status":"DONE","price":"x","paymentDate":"x"}"#).map(\.code) == [
                .wrongStatus, .wrongPrice, .wrongDate,
            ])
        #expect(changeFaults("{}").map(\.code) == [.required])
        #expect(changeFaults(#"{"userComments":"\#(String(repeating: "a", count: 4001))"}"#).map(\.code) == [.tooLong])
        #expect(throws: BodyError.notJSON(JSONError(.unexpectedEnd, at: 1))) {
            try OrderChange.read(Array("{".utf8), settings: settings)
        }
    }

    @Test("a purchase names its order by id or by the caller's number")
    func purchases() throws {
        let byID = try Purchase.read(Array(#"{"orderId":"\#(orderID)","price":5}"#.utf8), settings: settings)
        let change = OrderChange(price: Money(minorUnits: 500, currency: .uah))
        #expect(try byID.reference == .id(orderID) && byID.change(pricedIn: .uah) == change)
        let byNumber = try Purchase.read(Array(#"{"externalId":"A-1001","source":"shop"}"#.utf8), settings: settings)
        #expect(byNumber.reference.orderID(account: "acme") == orderID)
        #expect(byID.reference.orderID(account: "acme") == orderID)
        let form = try Purchase.read(
            form: [("externalId", "A-1001"), ("source", "shop"), ("price", "5")], settings: settings)
        #expect(try form.reference == byNumber.reference && form.change(pricedIn: .uah) == change)
    }

    @Test("a purchase's price without a currency is judged in its order's")
    func foreignPurchase() throws {
        let dinar = try #require(Currency("KWD"))
        let purchase = try Purchase.read(Array(#"{"orderId":"\#(orderID)","price":"1.234"}"#.utf8), settings: settings)
        #expect(try purchase.change(pricedIn: dinar).price == Money(minorUnits: 1234, currency: dinar))
        #expect(throws: BodyError.self) { try purchase.change(pricedIn: .uah) }
        let named = try Purchase.read(
            Array(#"{"orderId":"\#(orderID)","price":"1.23","currency":"UAH"}"#.utf8), settings: settings)
        #expect(try named.change(pricedIn: dinar).price == Money(minorUnits: 123, currency: .uah))
    }

    @Test("a purchase of no order, or of an impossible one, is reported")
    func wrongPurchases() {
        func codes(_ body: String) -> [FieldFault.Code] {
            do throws(BodyError) {
                _ = try Purchase.read(Array(body.utf8), settings: settings)
                return []
            } catch {
                guard case .faults(let faults) = error else { return [] }
                return faults.map(\.code)
            }
        }
        #expect(codes(#"{"price":5}"#) == [.required])
        #expect(codes(#"{"orderId":"7"}"#) == [.wrongID])
        #expect(codes(#"{"orderId":[],"price":[]}"#) == [.wrongType, .wrongType])
    }
}
