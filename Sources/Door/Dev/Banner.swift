import JSON

/// What `dev` prints once it serves, and `demo` once its account exists.
struct Banner: Sendable {
    var api: String
    /// nil if the admin pages cannot be reached from here.
    var admin: String?
    var mailbox: String
    var token: String
    /// What is stored, and where.
    var note: String

    /// One line, for programs.
    var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("api")
            writer.string(api)
            if let admin {
                writer.key("admin")
                writer.string(admin)
            }
            writer.key("mailbox")
            writer.string(mailbox)
            writer.key("token")
            writer.string(token)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// For people, with a command to copy.
    var text: String {
        """

        OrderRelay is up.

          API      \(api)
          Mailbox  \(mailbox)
          Token    \(token)\(admin.map { "\n  Admin    \($0)/metrics, /readyz" } ?? "")

        \(note)

        Send an order:

          curl -sS \(api)/orders -H 'Authorization: Bearer \(token)' -H 'Content-Type: application/json' -d '{
            "externalId": "1001", "source": "my-shop", "title": "Курс зі Swift", "price": "1490.00", "currency": "UAH",
            "email": "olena@example.com", "phone": "+380671234567", "customer": {"name": "Олена Коваль"}, "locale": "uk",
            "items": [{"title": "Курс зі Swift", "quantity": 1, "price": "1490.00"}]}'

        """
    }
}
