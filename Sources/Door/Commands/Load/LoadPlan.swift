/// What a load run sends, request by request. Pure: the same number is the same request, so that nothing of it is kept.
struct LoadPlan: Sendable {
    /// Parts of a hundred of all requests; the rest are new orders.
    struct Shares: Sendable, Equatable {
        var duplicates = 0
        var bad = 0
        var payments = 0

        var sum: Int { duplicates + bad + payments }
    }

    enum Request: Sendable, Equatable {
        /// A new order, by its number.
        case order(Int)
        /// An order that was sent before, once more with the same words.
        case duplicate(of: Int)
        /// The payment of an order that was sent before.
        case payment(of: Int)
        /// A body that the API must refuse.
        case bad

        var isPayment: Bool { if case .payment = self { true } else { false } }
    }

    /// Names the run's orders: another run's are others.
    let run: String
    let shares: Shares
    /// How many requests lie at least between an order and what refers to it, so that it has been answered by then.
    let distance: Int

    subscript(index: Int) -> Request {
        var place = Self.mixed(index) % 100
        if place < shares.bad { return .bad }
        place -= shares.bad
        let earlier = order(before: index - distance)
        if place < shares.duplicates { return earlier.map { .duplicate(of: $0) } ?? .order(index) }
        place -= shares.duplicates
        if place < shares.payments { return earlier.map { .payment(of: $0) } ?? .order(index) }
        return .order(index)
    }

    /// The newest order at or before `index`, looked for among a hundred requests; nil if there is none.
    private func order(before index: Int) -> Int? {
        guard index >= 0 else { return nil }
        return stride(from: index, to: max(-1, index - 100), by: -1).first { candidate in
            Self.mixed(candidate) % 100 >= shares.sum
        }
    }

    /// Spreads what follows one another: splitmix64's finaliser (Steele, Lea and Flood, 2014).
    private static func mixed(_ index: Int) -> Int {
        var word = UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((word ^ word >> 31) >> 1)
    }

    /// The path below the API's root.
    static func path(of request: Request) -> String {
        if case .payment = request { "/purchases" } else { "/orders" }
    }

    func body(of request: Request) -> String {
        switch request {
        case .order(let number), .duplicate(let number):
            """
            {"externalId":"\(number)","source":"load-\(run)","title":"Замовлення \(number)","price":"\(number % 900 + 10).50",\
            "currency":"UAH","email":"buyer\(number)@example.com","customer":{"name":"Олена Коваль"},"locale":"uk",\
            "items":[{"title":"Курс «Таргет з нуля»","quantity":1,"price":"\(number % 900 + 10).50"}]}
            """
        case .payment(let number): #"{"externalId":"\#(number)","source":"load-\#(run)"}"#
        case .bad: #"{"externalId":"bad","source":"load-\#(run)","email":"nobody","price":"much"}"#
        }
    }
}
