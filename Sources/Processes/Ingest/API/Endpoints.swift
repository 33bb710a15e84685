extension API {
    /// Every call of the API. A new one is a file that makes an ``Endpoint``, and a line here.
    static func endpoints(_ services: Services) -> [Endpoint] {
        [
            .createOrder(services),
            .updateOrder(services),
            .createPurchase(services),
            .listOrders(services),
            .showOrder(services),
            .showTimeline(services),
            .validateOrder(services),
            .showStatistics(services),
            .makeReplay(services),
            .showReplay(services),
            .abortReplay(services),
            .showCaller(services),
            .showUsage(services),
        ]
    }
}
