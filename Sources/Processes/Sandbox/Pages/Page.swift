import HTTP

/// Text made safe between tags and inside quoted attributes.
func escaped(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": safe += "&amp;"
        case "<": safe += "&lt;"
        case ">": safe += "&gt;"
        case "\"": safe += "&quot;"
        case "'": safe += "&#39;"
        default: safe.unicodeScalars.append(scalar)
        }
    }
    return safe
}

/// A page of the sandbox: one frame around its contents.
struct Page {
    let language: PageLanguage
    /// The page's address, for the links to its other languages.
    let path: String
    let title: String
    /// HTML.
    let contents: String
    var section: PageText = .mailbox
    /// Whether the page refreshes itself.
    var isLive = false

    var response: Response {
        Response(
            status: 200,
            fields: [
                "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                "Content-Language": language.rawValue, "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Content-Security-Policy":
                    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; frame-src 'self'; "
                    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            ],
            body: Array(html.utf8))
    }

    private var html: String {
        """
        <!DOCTYPE html>
        <html lang="\(language.rawValue)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(escaped(title)) · OrderRelay</title>
        <style>\(PageStyle.css)</style>
        <script src="/mailbox/page.js" defer></script>
        </head>
        <body\(isLive ? " data-live" : "")>
        <header class="bar">
        <span class="brand">OrderRelay</span>
        <nav>\(link("/mailbox", .mailbox))\(link("/deals", .deals))</nav>
        <nav class="languages" aria-label="\(language(.language))">\(PageLanguage.allCases.map(languageLink).joined())</nav>
        </header>
        <main id="contents">
        \(contents)
        </main>
        <footer>\(language(.inMemory))</footer>
        </body>
        </html>
        """
    }

    private func link(_ to: String, _ text: PageText) -> String {
        let isHere = text.en == section.en
        return
            "<a href=\"\(to)?lang=\(language.rawValue)\"\(isHere ? " aria-current=\"page\"" : "")>\(language(text))</a>"
    }

    private func languageLink(_ other: PageLanguage) -> String {
        let isHere = other == language ? " aria-current=\"true\"" : ""
        return
            "<a href=\"\(escaped(path))?lang=\(other.rawValue)\" lang=\"\(other.rawValue)\" title=\"\(other.name)\"\(isHere)>"
            + "\(other.rawValue.uppercased())</a>"
    }
}
