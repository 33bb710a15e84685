import FoundationEssentials
import HTTP

/// The answer of a process on this machine to `/readyz`.
public struct Health: Sendable {
    private static let timeout: Duration = .seconds(2)

    /// Whether it serves with all of its parts.
    public let isReady: Bool
    /// `ready`, or what is not ready and why, in one line.
    public let line: String

    /// Asks the process, for at most two seconds.
    ///
    /// - Parameter listen: where the process listens, as in `ADMIN_LISTEN`; the port must not be 0.
    public init(ofProcessAt listen: String) async {
        let address = Self.reachable(listen)
        let client = Client()
        defer { client.close() }
        do {
            let response = try await client.send(
                ClientRequest(.get, "http://\(address)/readyz", timeout: Self.timeout))
            guard let report = try? JSONDecoder().decode(ReadinessReport.self, from: Data(response.body)) else {
                (isReady, line) = (false, "not ready: what answers at \(address) is not orderrelay")
                return
            }
            isReady = report.ready && response.status == 200
            let reasons = report.services.filter { !$0.ready }.map { "\($0.name): \($0.reason ?? "not ready")" }
            line = isReady ? "ready" : "not ready: \(reasons.joined(separator: "; "))"
        } catch {
            (isReady, line) = (false, "not ready: nothing answers at \(address): \(error.message)")
        }
    }

    /// A process that listens on all addresses is asked on loopback.
    static func reachable(_ listen: String) -> String {
        for (all, loopback) in [("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")] where listen.hasPrefix(all) {
            return loopback + listen.dropFirst(all.count)
        }
        return listen
    }
}
