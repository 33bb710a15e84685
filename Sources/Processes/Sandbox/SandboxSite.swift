import HTTP

/// Everything that the sandbox answers over HTTP: its CRMs, each under its path, the mailbox's pages, and
/// `/sandbox/faults`, which sets faults of both.
struct SandboxSite: Sendable {
    let crms: [SandboxCRM]
    let mailFaults: SMTPFaults
    let pages: MailboxPages
    /// Delay of the CRMs' answers.
    var delayMilliseconds = 0

    /// The right answer, and the fault to apply to it; nil for none.
    func answer(_ request: Request) -> (Response, CRMFaults.What?) {
        let path = request.head.path
        guard let crm = crms.first(where: { $0.isFor(path) }) else {
            return (path == "/sandbox/faults" ? faults(request) : pages.answer(request), nil)
        }
        let fault =
            request.head.fields["X-Sandbox-Fault"].flatMap(CRMFaults.What.init(header:)) ?? crm.faults.strikes(path)
        if let fault, let refusal = crm.refusal(fault) { return (refusal, fault) }
        switch fault {
        case .redirect:
            // No CRM documents redirects; a client that follows one would carry the token to another host.
            return (Response(status: 307, fields: ["Location": "http://127.0.0.1:9/elsewhere"]), fault)
        case .status, .refuses, .rateLimited, .hang, .close, .huge: return (Response(status: 200), fault)
        case .hangDone, .closeDone, .half, .slow: return (crm.answer(request), fault)
        case nil: return (crm.answer(request), delayMilliseconds > 0 ? .slow(milliseconds: delayMilliseconds) : nil)
        }
    }

    private struct Order: Decodable {
        var fault: String?
        var retryAfter: Int?
        var milliseconds: Int?
        var times: Int?
        var path: String?
        /// Present for a fault of the mail server.
        var stage: SMTPFaults.Stage?
        var reply: String?
    }

    /// `POST` sets a fault, `DELETE` removes all.
    private func faults(_ request: Request) -> Response {
        func text(_ status: Int, _ text: String) -> Response {
            Response(status: status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
        }
        switch request.head.method {
        case .delete:
            for crm in crms { crm.faults.removeAll() }
            mailFaults.removeAll()
            return text(200, "no faults\n")
        case .post:
            guard let order = read(request.body, as: Order.self) else {
                return text(400, "expected JSON with \"fault\"\n")
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
            let path = order.path ?? "/crm/"
            guard let crm = crms.first(where: { $0.isFor(path) }) else { return text(400, "no CRM has this path\n") }
            crm.faults.add(.init(what, times: times, path: path))
            return text(201, "the CRM will fail: \(name)\n")
        default: return text(405, "POST or DELETE\n")
        }
    }
}
