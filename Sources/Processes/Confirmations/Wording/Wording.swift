import Orders
import Templates

/// The texts in one language. Those with `{{number}}` (the order's number) and `{{shop}}` are templates; they are
/// escaped where they are put into HTML, not here.
struct Wording: Sendable {
    /// The texts of one kind of confirmation.
    struct Words: Sendable {
        /// The message's subject.
        let subject: Template
        let heading: Template
        /// The first paragraph.
        let lead: Template
        /// The order's state in two words.
        let status: String

        init(subject: String, heading: String, lead: String, status: String) {
            self.subject = plain(subject)
            self.heading = plain(heading)
            self.lead = plain(lead)
            self.status = status
        }
    }

    let received: Words
    let paid: Words
    let refunded: Words
    let cancelled: Words
    /// `order`, `sign` (before its number), `date`, `buyer`, `subtotal`, `total`, `more`, `reference`.
    let labels: TemplateValue
    /// The last paragraph.
    let closing: Template

    static func of(_ locale: OrderLocale) -> Wording {
        switch locale {
        case .uk: ukrainian
        case .en: english
        case .ru: russian
        }
    }

    func words(for kind: ConfirmationKind) -> Words {
        switch kind {
        case .received: received
        case .paid: paid
        case .refunded: refunded
        case .cancelled: cancelled
        }
    }
}

/// A built-in template that is not HTML. It is a constant: a mistake in it is a programming error.
func plain(_ text: String) -> Template { constant(text, escaping: .none) }

/// A built-in template.
func constant(_ text: String, escaping: Template.Escaping) -> Template {
    do {
        return try Template(text, escaping: escaping)
    } catch {
        preconditionFailure("a built-in template is wrong: \(error)")
    }
}

/// Names and texts as a template reads them.
func table(_ texts: KeyValuePairs<String, String>) -> TemplateValue {
    .object(Dictionary(uniqueKeysWithValues: texts.map { ($0.key, TemplateValue.text($0.value)) }))
}
