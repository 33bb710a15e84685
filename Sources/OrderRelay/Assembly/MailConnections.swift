import Confirmations
import Lifecycle

/// The kept connections to the mail server: stopped after the worker that uses them, with a QUIT to each.
struct MailConnections: Service {
    /// QUIT's answer is awaited for a second; a server that hangs is left.
    private static let closeTimeout: Duration = .seconds(2)

    let name = "mail"
    let worker: ConfirmationsWorker

    /// They are made when a message needs one.
    func start() async throws {}

    var notReady: String? { nil }

    func stop(by deadline: ContinuousClock.Instant) async {
        await worker.close(timeout: max(.zero, min(Self.closeTimeout, deadline - .now)))
    }
}
