import Foundation
import Support
import Testing

extension OperationsTests {
    /// A line of a process's log.
    private struct Line: Decodable {
        var message: String
        var fields: [String: String]?
    }

    /// Nothing that a program said has a secret, or anything of a buyer's; the same search finds each of them where it is put.
    func expectNoLeaks(_ scene: OperationsScene) async throws {
        let (said, needles) = (await scene.everythingSaid(), scene.needles)
        #expect(said.count > 20 && needles.count > 100)
        let leaks = said.flatMap { $0.leaks(of: needles) }
        #expect(leaks.isEmpty, "\(Set(leaks).sorted().joined(separator: "\n"))")

        let log = try #require(scene.logs.first).text.prefix(2_000)
        for needle in needles {
            for form in needle.forms {
                #expect(Haystack("planted", "\(log)\(form)\(log)").contains(needle), "\(needle.name) is overlooked")
            }
        }
    }

    /// Each order can be followed through all processes, and no line about one leaves out whose it is.
    func expectOrdersNamed(_ scene: OperationsScene) {
        let orders = Dictionary(uniqueKeysWithValues: scene.sent.now.map { ($0.id, $0) })
        var lines: [String: Set<String>] = [:]
        for (name, text) in scene.logs {
            for text in text.split(separator: "\n") {
                guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else {
                    Issue.record("\(name) says what is no JSON: \(text)")
                    continue
                }
                let fields = line.fields ?? [:]
                if fields["row"] != nil { #expect(fields["orderId"] != nil, "\(text)") }
                guard let id = fields["orderId"] ?? orders.keys.first(where: text.contains), let order = orders[id]
                else { continue }
                #expect(fields["orderId"] == id && fields["traceId"] == order.traceID, "\(text)")
                if name == "ingest" { #expect(fields["requestId"] == order.requestID, "\(text)") }
                lines[id, default: []].insert("\(name): \(line.message)")
            }
        }
        #expect(orders.count > 20)
        let workers = ["confirmations", "analytics", "crm"].map { "\($0): an event was taken in" }
        let attempts = ["confirmations", "crm"].map { "\($0): an attempt ended" }
        let way = Set(["ingest: an order's event was accepted"] + workers + attempts)
        for id in orders.keys {
            let missing = way.subtracting(lines[id] ?? [])
            #expect(missing.isEmpty, "the logs lack of order \(id): \(missing)")
        }
    }
}
