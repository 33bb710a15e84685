import HTTP
import Support

/// A collector that answers as the test says.
final class FakeCollector: Sendable {
    let requests = Shared<[Request]>([])
    private let server: Server
    /// Where it takes traces.
    var url: String { "http://127.0.0.1:\(server.port)/v1/traces" }

    /// - Parameter answer: to the request of this number, from 0.
    init(_ answer: @escaping @Sendable (Int) async -> Response) throws {
        var settings = ServerSettings(listen: "127.0.0.1:0")
        settings.bodyDeadline = .seconds(30)
        server = try Server(settings, application: Answering(requests: requests, answer: answer))
    }

    func stop() async { await server.stop(timeout: .milliseconds(100)) }

    private struct Answering: Application {
        let requests: Shared<[Request]>
        let answer: @Sendable (Int) async -> Response

        func admit(_ head: RequestHead) async -> Admission<Int> { .read(bodyLimit: 16 << 20, context: 0) }
        func respond(to request: consuming Request, context: Int) async -> Response {
            let request = request
            let number = requests.change { requests in
                requests.append(request)
                return requests.count - 1
            }
            return await answer(number)
        }
        func refusal(status: Int, reason: String, context: Int?) -> Response { Response(status: status) }
    }
}
