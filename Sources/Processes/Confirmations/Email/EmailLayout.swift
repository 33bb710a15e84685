import Templates

/// The layout of all confirmations, as text and as HTML; the words come from ``Wording``.
enum EmailLayout {
    /// Plain text: what screen readers, watches and old programs show.
    static let text = constant(
        """
        {{heading}}

        {{lead}}

        {{labels.order}}: {{labels.sign}}{{number}}
        {{labels.date}}: {{date}}
        {{#buyer}}
        {{labels.buyer}}: {{buyer}}
        {{/buyer}}
        {{#hasItems}}

        {{#items}}
        • {{title}}
        {{#quantity}}
          {{quantity}}{{#price}} × {{price}}{{/price}}{{#sum}} = {{sum}}{{/sum}}
        {{/quantity}}
        {{/items}}
        {{#more}}
        {{labels.more}}: {{more}}
        {{/more}}
        {{/hasItems}}
        {{#total}}

        {{#subtotal}}
        {{labels.subtotal}}: {{subtotal}}
        {{/subtotal}}
        {{labels.total}}: {{total}}
        {{/total}}

        --\u{20}
        {{shop}}
        {{closing}}
        {{labels.reference}}: {{id}}

        """, escaping: .none)

    /// The colour of a kind's mark.
    static func accent(of kind: ConfirmationKind) -> String {
        switch kind {
        case .received: "#2b5d8a"
        case .paid: "#2c6e4f"
        case .refunded: "#85590f"
        case .cancelled: "#8a3434"
        }
    }

    /// The pale colour behind it.
    static func tint(of kind: ConfirmationKind) -> String {
        switch kind {
        case .received: "#e8f0f7"
        case .paid: "#e6f2ec"
        case .refunded: "#f8f0de"
        case .cancelled: "#f8e9e9"
        }
    }
}
