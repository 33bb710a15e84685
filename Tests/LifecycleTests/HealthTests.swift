import HTTP
import Synchronization
import Telemetry
import Testing

@testable import Lifecycle

@Suite struct HealthTests {
    /// A service that says what the test wants.
    private final class Told: Service {
        let name = "kafka"
        let reason = Mutex<String?>("waits for a broker")
        func start() async throws {}
        var notReady: String? { reason.withLock { $0 } }
        func stop(by deadline: ContinuousClock.Instant) async {}
    }

    @Test("a process is asked at its own address what it waits for, until it is ready, and when it has gone")
    func asks() async throws {
        let told = Told()
        let admin = AdminServer(listen: "127.0.0.1:0", metrics: Metrics())
        let group = ServiceGroup([[told]], admin: admin, log: Log(process: "test", write: { _ in }))
        try await group.start()
        let address = "0.0.0.0:\(try #require(admin.port))"
        let waiting = await Health(ofProcessAt: address)
        #expect(!waiting.isReady)
        #expect(waiting.line == "not ready: kafka: waits for a broker")
        told.reason.withLock { $0 = nil }
        let ready = await Health(ofProcessAt: address)
        #expect(ready.isReady)
        #expect(ready.line == "ready")
        await group.stop()
        let gone = await Health(ofProcessAt: address)
        #expect(!gone.isReady)
        #expect(gone.line.hasPrefix("not ready: nothing answers at 127.0.0.1:"), "\(gone.line)")
    }

    @Test("another program on the port is not taken for one that is ready")
    func another() async throws {
        struct Other: Application {
            func admit(_ head: RequestHead) async -> Admission<Void> { .answer(Response(status: 200, body: [0x6F])) }
            func respond(to request: consuming Request, context: consuming Void) async -> Response {
                Response(status: 200)
            }
            func refusal(status: Int, reason: String, context: Void?) -> Response { Response(status: status) }
        }
        let server = try Server(ServerSettings(listen: "127.0.0.1:0"), application: Other())
        let health = await Health(ofProcessAt: "127.0.0.1:\(server.port)")
        #expect(!health.isReady)
        #expect(health.line == "not ready: what answers at 127.0.0.1:\(server.port) is not orderrelay")
        await server.stop(timeout: .seconds(1))
    }

    @Test(
        "an address that stands for all is asked on loopback",
        arguments: [
            ("0.0.0.0:9100", "127.0.0.1:9100"), ("[::]:9100", "[::1]:9100"), ("192.0.2.1:9100", "192.0.2.1:9100"),
        ])
    func loopback(listen: String, asked: String) { #expect(Health.reachable(listen) == asked) }
}
