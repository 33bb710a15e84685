import HTTP

/// The languages of the sandbox's pages.
enum PageLanguage: String, CaseIterable {
    case uk, en, ru

    /// By `?lang=`, else by Accept-Language (RFC 9110 §12.5.4), else English.
    init(_ head: RequestHead) {
        if let asked = head.query.first(where: { $0.name == "lang" })?.value, let language = PageLanguage(code: asked) {
            self = language
            return
        }
        let wishes = (head.fields["Accept-Language"] ?? "").split(separator: ",").prefix(20).compactMap { wish in
            let parts = wish.split(separator: ";").map { $0.filter { $0 != " " } }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return parts.first.flatMap { PageLanguage(code: $0) }.map { (language: $0, weight: weight) }
        }
        self = wishes.filter { $0.weight > 0 }.max { $0.weight < $1.weight }?.language ?? .en
    }

    /// `uk-UA` is Ukrainian; so is `ua`, as many write it.
    private init?(code: String) {
        let primary = code.prefix { $0 != "-" && $0 != "_" }.lowercased()
        guard let language = PageLanguage(rawValue: primary == "ua" ? "uk" : primary) else { return nil }
        self = language
    }

    var name: String {
        switch self {
        case .uk: "Українська"
        case .en: "English"
        case .ru: "Русский"
        }
    }

    func callAsFunction(_ text: PageText) -> String {
        switch self {
        case .uk: text.uk
        case .en: text.en
        case .ru: text.ru
        }
    }
}

/// A text of the pages in each language.
struct PageText {
    let uk: String
    let en: String
    let ru: String

    static let mailbox = PageText(uk: "Поштова скринька", en: "Mailbox", ru: "Почтовый ящик")
    static let deals = PageText(uk: "Угоди в CRM", en: "Deals in the CRM", ru: "Сделки в CRM")
    static let noMail = PageText(uk: "Листів ще немає", en: "No mail yet", ru: "Писем ещё нет")
    static let noMailHint = PageText(
        uk: "Щойно покупець отримає підтвердження, воно з’явиться тут.",
        en: "As soon as a buyer is sent a confirmation, it appears here.",
        ru: "Как только покупатель получит подтверждение, оно появится здесь.")
    static let noDeals = PageText(uk: "Угод ще немає", en: "No deals yet", ru: "Сделок ещё нет")
    static let noDealsHint = PageText(
        uk: "Кожне замовлення стане тут контактом і угодою.", en: "Every order becomes a contact and a deal here.",
        ru: "Каждый заказ станет здесь контактом и сделкой.")
    static let notThere = PageText(
        uk: "Такого листа немає: скринька зберігає лише найновіші.",
        en: "There is no such message: the mailbox keeps the newest only.",
        ru: "Такого письма нет: ящик хранит только самые новые.")
    static let from = PageText(uk: "Від", en: "From", ru: "От")
    static let to = PageText(uk: "Кому", en: "To", ru: "Кому")
    static let received = PageText(uk: "Отримано", en: "Received", ru: "Получено")
    static let noSubject = PageText(uk: "(без теми)", en: "(no subject)", ru: "(без темы)")
    static let message = PageText(uk: "Лист", en: "Message", ru: "Письмо")
    static let text = PageText(uk: "Текст", en: "Text", ru: "Текст")
    static let headers = PageText(uk: "Заголовки", en: "Headers", ru: "Заголовки")
    static let source = PageText(uk: "Вихідний код", en: "Source", ru: "Исходник")
    static let attachments = PageText(uk: "Вкладення", en: "Attachments", ru: "Вложения")
    static let noHTML = PageText(
        uk: "У листі немає HTML; ось його текст.", en: "The message has no HTML; this is its text.",
        ru: "В письме нет HTML; вот его текст.")
    static let noText = PageText(
        uk: "У листі немає тексту.", en: "The message has no text.", ru: "В письме нет текста.")
    static let newer = PageText(uk: "Новіші", en: "Newer", ru: "Новее")
    static let older = PageText(uk: "Старіші", en: "Older", ru: "Старше")
    static let search = PageText(uk: "Адреса одержувача", en: "Recipient’s address", ru: "Адрес получателя")
    static let contact = PageText(uk: "Контакт", en: "Contact", ru: "Контакт")
    static let deal = PageText(uk: "Угода", en: "Deal", ru: "Сделка")
    static let amount = PageText(uk: "Сума", en: "Amount", ru: "Сумма")
    static let stage = PageText(uk: "Етап", en: "Stage", ru: "Этап")
    static let changed = PageText(uk: "Змінено", en: "Changed", ru: "Изменено")
    static let language = PageText(uk: "Мова", en: "Language", ru: "Язык")
    static let inMemory = PageText(
        uk: "Пісочниця зберігає все лише в пам’яті.", en: "The sandbox keeps all this in memory only.",
        ru: "Песочница хранит всё только в памяти.")

    /// The names of HubSpot's default stages.
    static func stageName(_ id: String) -> PageText {
        switch id {
        case "appointmentscheduled": PageText(uk: "Нова", en: "Appointment scheduled", ru: "Новая")
        case "closedwon": PageText(uk: "Успішна", en: "Closed won", ru: "Успешная")
        case "closedlost": PageText(uk: "Втрачена", en: "Closed lost", ru: "Проиграна")
        default: PageText(uk: id, en: id, ru: id)
        }
    }
}
