import HTTP

/// All that the sandbox answers over HTTP: the CRM under `/crm/`, the mailbox's pages, and `/sandbox/faults`, by which
/// faults of both are ordered.
struct SandboxSite: Sendable {
    let crm: SandboxCRM
    let mailFaults: SMTPFaults
    let pages: MailboxPages
    /// How late the CRM answers.
    var delayMilliseconds = 0

    /// The right answer, and what is to go wrong with it.
    func answer(_ request: Request) -> (Response, CRMFaults.What?) {
        let path = request.head.path
        guard path.hasPrefix("/crm/") else {
            return (path == "/sandbox/faults" ? faults(request) : pages.answer(request), nil)
        }
        let fault =
            request.head.fields["X-Sandbox-Fault"].flatMap(CRMFaults.What.init(header:)) ?? crm.faults.strikes(path)
        switch fault {
        case .status(let status): return (refusal(status), fault)
        case .rateLimited(let daily, let retryAfter):
            return (CRMAnswer.rateLimited(daily: daily, retryAfter: retryAfter), fault)
        case .redirect:
            // HubSpot documents no redirects; whoever follows one would carry the token to another host.
            return (Response(status: 307, fields: ["Location": "http://127.0.0.1:9/elsewhere"]), fault)
        case .hang, .close, .huge: return (Response(status: 200), fault)
        case .hangDone, .closeDone, .half, .slow: return (crm.answer(request), fault)
        case nil: return (crm.answer(request), delayMilliseconds > 0 ? .slow(milliseconds: delayMilliseconds) : nil)
        }
    }

    private func refusal(_ status: Int) -> Response {
        switch status {
        case 401: CRMAnswer.unauthorized()
        case 403: CRMAnswer.missingScopes("crm.objects.deals.write")
        case 409: CRMAnswer.contactExists("10001")
        default: CRMAnswer.serverError(status)
        }
    }

    private struct Order: Decodable {
        var fault: String?
        var retryAfter: Int?
        var milliseconds: Int?
        var times: Int?
        var path: String?
        /// Set for a fault of the mail server.
        var stage: SMTPFaults.Stage?
        var reply: String?
    }

    /// `POST` orders a fault, `DELETE` takes all back.
    private func faults(_ request: Request) -> Response {
        func text(_ status: Int, _ text: String) -> Response {
            Response(status: status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
        }
        switch request.head.method {
        case .delete:
            crm.faults.removeAll()
            mailFaults.removeAll()
            return text(200, "no faults\n")
        case .post:
            guard let order = read(request.body, as: Order.self) else {
                return text(400, "JSON with \"fault\" is wanted\n")
            }
            let times = min(max(order.times ?? 1, 1), 1_000_000)
            if let stage = order.stage {
                let what: SMTPFaults.What =
                    switch order.fault {
                    case "close": .close
                    case "hang": .hang
                    default: .reply(order.reply ?? "451 4.3.0 later")
                    }
                mailFaults.add(.init(stage, what, times: times))
                return text(201, "the mail server will fail at \(stage.rawValue)\n")
            }
            guard let name = order.fault,
                let what = CRMFaults.What(name: name, retryAfter: order.retryAfter, milliseconds: order.milliseconds)
            else { return text(400, "no such fault\n") }
            crm.faults.add(.init(what, times: times, path: order.path ?? "/crm/"))
            return text(201, "the CRM will fail: \(name)\n")
        default: return text(405, "POST or DELETE\n")
        }
    }
}
