import JSON

/// What `dev` says once it serves.
struct Banner: Sendable {
    var api: String
    var admin: String
    var mailbox: String
    var token: String

    /// One line, for programs.
    var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("api")
            writer.string(api)
            writer.key("admin")
            writer.string(admin)
            writer.key("mailbox")
            writer.string(mailbox)
            writer.key("token")
            writer.string(token)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// For people, with one command to copy.
    var text: String {
        """

        OrderRelay is up.

          API      \(api)
          Mailbox  \(mailbox)
          Admin    \(admin)/metrics, /readyz
          Token    \(token)

        The embedded broker keeps orders in memory only: what is not yet worked off when this ends is gone. The ledger,
        and with it every order that was, stays in the data folder.

        Send an order:

          curl -sS \(api)/orders -H 'Authorization: Bearer \(token)' -H 'Content-Type: application/json' -d '{
            "externalId": "1001", "source": "my-shop", "title": "Курс зі Swift", "price": "1490.00", "currency": "UAH",
            "email": "olena@example.com", "phone": "+380671234567", "customer": {"name": "Олена Коваль"}, "locale": "uk",
            "items": [{"title": "Курс зі Swift", "quantity": 1, "price": "1490.00"}]}'

        """
    }
}
