import HTTP

/// The server's side of an HTTP/1.1 connection, small and able to misbehave: a good server cannot be made to send half
/// an answer, or to close a connection during a POST.
struct HTTPConversation: Conversation {
    static let headMaximum = 32 * 1024
    static let bodyMaximum = 4 << 20

    let site: SandboxSite
    private var buffer: [UInt8] = []
    private var isOver = false

    init(site: SandboxSite) { self.site = site }

    mutating func opened() -> [Step] { [] }

    mutating func received(_ bytes: ArraySlice<UInt8>) -> [Step] {
        guard !isOver else { return [] }
        buffer += bytes
        var steps: [Step] = []
        while !isOver, !buffer.isEmpty {
            guard let end = headEnd() else {
                return buffer.count > Self.headMaximum ? steps + refuse(431) : steps
            }
            guard let head = HTTPHead(buffer[..<end]) else { return steps + refuse(400) }
            guard let length = head.bodyLength else { return steps + refuse(411) }
            guard length <= Self.bodyMaximum else { return steps + refuse(413) }
            guard buffer.count >= end + length else {
                if head.expectsContinue, buffer.count == end { steps.append(.send("HTTP/1.1 100 Continue\r\n\r\n")) }
                return steps
            }
            let request = Request(head: head.head, body: Array(buffer[end..<(end + length)]))
            buffer.removeFirst(end + length)
            steps += answer(request, keepsOpen: !head.wantsClose)
        }
        return steps
    }

    private func headEnd() -> Int? {
        var index = 3
        while index < min(buffer.count, Self.headMaximum) {
            if buffer[index] == 10, buffer[index - 1] == 13, buffer[index - 2] == 10, buffer[index - 3] == 13 {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    private mutating func refuse(_ status: Int) -> [Step] {
        isOver = true
        return [.send(encoded(Response(status: status), keepsOpen: false)), .close]
    }

    private mutating func answer(_ request: Request, keepsOpen: Bool) -> [Step] {
        let (response, fault) = site.answer(request)
        var steps: [Step] = []
        switch fault {
        case .hang, .hangDone:
            isOver = true
            return [.hang]
        case .close, .closeDone:
            isOver = true
            return [.close]
        case .half:
            isOver = true
            let whole = encoded(response, keepsOpen: false)
            return [.send(Array(whole[..<(whole.count - max(1, response.body.count / 2))])), .close]
        case .huge:
            isOver = true
            let chunk = [UInt8](repeating: 32, count: 1 << 20)
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(100 << 20)\r\n\r\n"
            return [.send(head), .sendRepeatedly(chunk, times: 100), .close]
        case .slow(let milliseconds): steps.append(.wait(milliseconds: milliseconds))
        case .status, .refuses, .rateLimited, .redirect, nil: break
        }
        steps.append(.send(encoded(response, keepsOpen: keepsOpen)))
        if !keepsOpen {
            isOver = true
            steps.append(.close)
        }
        return steps
    }

    private func encoded(_ response: Response, keepsOpen: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(response.status) Sandbox\r\n"
        for field in response.fields.all { head += "\(field.name): \(field.value)\r\n" }
        head += "Content-Length: \(response.body.count)\r\nConnection: \(keepsOpen ? "keep-alive" : "close")\r\n\r\n"
        return Array(head.utf8) + response.body
    }
}
