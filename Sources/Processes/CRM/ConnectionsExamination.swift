import Assembly
import HTTP
import Ledger

/// Whether each connection's CRM accepts its credentials: by one call that only reads.
enum ConnectionsExamination {
    /// How many connections are asked at once.
    private static let askedMaximum = 8

    static func findings(_ ledger: Ledger) async -> [Finding] {
        let connections: [Connection]
        do {
            connections = try await ledger.connections(account: nil).filter(\.isEnabled)
        } catch {
            return [Finding(.fault, "connections", "cannot be read: \(error)", remedy: "see the finding of the ledger")]
        }
        guard !connections.isEmpty else {
            return [Finding(.ok, "connections", "no account has one, so crm has nothing to do")]
        }
        let client = Client()
        defer { client.close() }
        return await withTaskGroup(of: (Int, Finding).self) { group in
            var findings = [Finding?](repeating: nil, count: connections.count)
            var rest = connections.enumerated().makeIterator()
            func askNext(_ group: inout TaskGroup<(Int, Finding)>) {
                guard let (index, connection) = rest.next() else { return }
                group.addTask { (index, await finding(connection, client)) }
            }
            for _ in 0..<askedMaximum { askNext(&group) }
            while let (index, finding) = await group.next() {
                findings[index] = finding
                askNext(&group)
            }
            return findings.compactMap { $0 }
        }
    }

    private static func finding(_ connection: Connection, _ client: Client) async -> Finding {
        let subject = "connection \(connection.id)"
        do {
            let what = try await CRMDialects.examine(connection, client)
            return Finding(.ok, subject, "\(connection.kind) of account \(connection.account): \(what)")
        } catch {
            return Finding(
                .fault, subject, "\(connection.kind) of account \(connection.account): \(error)",
                remedy: "create the connection again with a valid token: orderrelay connection create")
        }
    }
}
