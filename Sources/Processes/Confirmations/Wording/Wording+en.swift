extension Wording {
    static let english = Wording(
        received: Words(
            subject: "Order #{{number}} received",
            heading: "Thank you for your order!",
            lead: """
                We have received your order #{{number}} and are already working on it. We will write to you about every \
                important change.
                """,
            status: "Received"),
        paid: Words(
            subject: "Payment for order #{{number}} received",
            heading: "Payment received",
            lead:
                "Thank you! We have received your payment for order #{{number}}. Please keep this message for your records.",
            status: "Paid"),
        refunded: Words(
            subject: "Refund for order #{{number}}",
            heading: "Your money is on its way back",
            lead: """
                We have refunded your order #{{number}}. It usually takes a few business days for the money to reach \
                your account.
                """,
            status: "Refunded"),
        cancelled: Words(
            subject: "Order #{{number}} cancelled",
            heading: "Your order was cancelled",
            lead: "Order #{{number}} was cancelled. If this was a mistake, please contact us and we will put it right.",
            status: "Cancelled"),
        labels: table([
            "order": "Order", "sign": "#", "date": "Date", "buyer": "Customer", "subtotal": "Items in total",
            "total": "Total",
            "more": "Further items",
            "reference": "Our reference",
        ]),
        closing: plain("{{shop}} sends this message automatically because an order was placed with your address."))
}
