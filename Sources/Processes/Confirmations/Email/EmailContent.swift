import Access
import Mail
import Orders
import Templates

/// A confirmation as an e-mail: the values of the order, in the forms of its locale, filled into the templates.
struct EmailContent {
    /// How many items are listed; the number of further ones is given.
    static let itemsMaximum = 100
    /// The longest name in a header or a line of text, in characters.
    static let nameCharactersMaximum = 100
    static let titleCharactersMaximum = 200

    private let notice: Notice
    private let wording: Wording
    private let forms: Forms
    private let shop: String
    private let from: MailAddress

    init(_ notice: Notice, account: AccountRecord?, from: MailAddress) {
        self.notice = notice
        let locale = notice.order.draft.locale
        wording = Wording.of(locale)
        forms = Forms(locale: locale, timeZone: account?.timeZone ?? "Europe/Kyiv")
        let domain = from.address.split(separator: "@").last.map(String.init) ?? ""
        shop = cleaned(from.name ?? account?.name ?? domain, charactersMaximum: Self.nameCharactersMaximum)
        self.from = MailAddress(name: shop, address: from.address)
    }

    /// The message without its Message-ID and date.
    func message(to address: String) throws -> MailMessage {
        let (values, subject) = try values()
        let name = notice.order.draft.buyer.name.map {
            cleaned($0, charactersMaximum: Self.nameCharactersMaximum)
        }
        var message = MailMessage(
            from: from, to: MailAddress(name: name, address: address), subject: subject,
            text: try EmailLayout.text.rendered(with: values), html: try EmailLayout.html.rendered(with: values),
            messageID: "", date: 0)
        message.fields.append((name: "Content-Language", value: notice.order.draft.locale.rawValue))
        return message
    }

    private func values() throws -> (TemplateValue, subject: String) {
        let order = notice.order
        let words = wording.words(for: notice.kind)
        var values: [String: TemplateValue] = [
            "number": .text(number), "shop": .text(shop), "id": .text(order.id.text),
            "language": .text(order.draft.locale.rawValue), "status": .text(words.status),
            "accent": .text(EmailLayout.accent(of: notice.kind)),
            "tint": .text(EmailLayout.tint(of: notice.kind)),
            "date": .text(forms.date(notice.at)), "labels": wording.labels,
            "buyer": TemplateValue(
                order.draft.buyer.name.map { cleaned($0, charactersMaximum: Self.nameCharactersMaximum) }),
            "items": .list(items), "hasItems": .flag(!items.isEmpty), "total": TemplateValue(total.map(forms.money)),
            "subtotal": TemplateValue(subtotal.map(forms.money)),
            "more": TemplateValue(
                order.draft.items.count > Self.itemsMaximum
                    ? forms.number(Int64(order.draft.items.count - Self.itemsMaximum)) : nil),
        ]
        for (name, template) in [("heading", words.heading), ("lead", words.lead), ("closing", wording.closing)] {
            values[name] = .text(try template.rendered(with: .object(values)))
        }
        let subject = try words.subject.rendered(with: .object(values))
        values["subject"] = .text(subject)
        return (.object(values), subject)
    }

    /// The number that the buyer knows: the shop's, else the beginning of our id.
    private var number: String {
        let order = notice.order
        return order.draft.externalID.map { cleaned($0, charactersMaximum: 60) } ?? order.id.text.prefix(8).uppercased()
    }

    private var items: [TemplateValue] {
        let draft = notice.order.draft
        if draft.items.isEmpty {
            guard let title = draft.title else { return [] }
            return [item(title, quantity: nil, price: nil, sum: nil)]
        }
        return draft.items.prefix(Self.itemsMaximum).map { one in
            item(one.title, quantity: one.quantity, price: one.price, sum: one.sum)
        }
    }

    private func item(_ title: String, quantity: Quantity?, price: Money?, sum: Money?) -> TemplateValue {
        .object([
            "title": .text(cleaned(title, charactersMaximum: Self.titleCharactersMaximum)),
            "quantity": TemplateValue(quantity.map(forms.quantity)),
            "price": TemplateValue(price.map(forms.money)), "sum": TemplateValue(sum.map(forms.money)),
        ])
    }

    /// The order's total: its price, else its items' sum.
    private var total: Money? { notice.order.price ?? notice.order.draft.itemsSum }

    /// The items' sum, if the order's price differs: that includes discounts and delivery.
    private var subtotal: Money? {
        guard let sum = notice.order.draft.itemsSum, let price = notice.order.price, sum != price else {
            return nil
        }
        return sum
    }
}

/// Safe for a header and for one line of text: control characters and line ends become spaces, trimmed, clipped.
func cleaned(_ text: String, charactersMaximum: Int) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: scalars.append(" ")
        default: scalars.append(scalar)
        }
    }
    let words = String(scalars).split(separator: " ").joined(separator: " ")
    return words.count > charactersMaximum ? "\(words.prefix(charactersMaximum - 1))…" : words
}
