import FoundationEssentials
import HTTP
import Ledger
import Orders
import Outbound

/// The pipeline of deals, and the stages in it, that orders go through in a portal: those that the connection names,
/// else those that every new portal has (https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide).
struct HubSpotPipeline: Sendable, Equatable {
    var id: String
    private var stages: [OrderStatus: String]

    /// The pipeline of new connections.
    static let usual = HubSpotPipeline(
        id: "default",
        stages: [
            .pending: "appointmentscheduled", .success: "closedwon", .failed: "closedlost", .refunded: "closedlost",
        ])

    private init(id: String, stages: [OrderStatus: String]) {
        self.id = id
        self.stages = stages
    }

    /// The names of a connection's options.
    private static let pipelineOption = "pipeline"
    private static func option(of status: OrderStatus) -> String { "stage.\(status.rawValue)" }

    init(_ connection: Connection) {
        self = .usual
        id = connection.options[Self.pipelineOption] ?? id
        for status in OrderStatus.allCases {
            stages[status] = connection.options[Self.option(of: status)] ?? stages[status]
        }
    }

    /// The stage of a deal whose order has this status.
    func stage(_ status: OrderStatus) -> String { stages[status] ?? "" }

    /// As a connection's options.
    var options: [String: String] {
        var options = [Self.pipelineOption: id]
        for (status, stage) in stages { options[Self.option(of: status)] = stage }
        return options
    }

    /// A copy with the given names, looked up in what the portal has: by id, or by label in any case.
    ///
    /// Throws ``Unknown``, with what the portal has, if it lacks one of them.
    func naming(
        _ pipeline: String?, stages named: [OrderStatus: String], in portal: Portal
    ) throws(Unknown) -> HubSpotPipeline {
        let wanted = pipeline ?? id
        guard let found = portal.pipelines.first(where: { $0.answers(to: wanted) }) else {
            throw Unknown(what: "pipeline", name: wanted, there: portal.pipelines.map(\.shown))
        }
        var result = self
        result.id = found.id
        for status in OrderStatus.allCases {
            let wanted = named[status] ?? stage(status)
            guard let stage = found.stages?.first(where: { $0.answers(to: wanted) }) else {
                throw Unknown(
                    what: "stage for \(status.rawValue) in the pipeline \(found.id)", name: wanted,
                    there: (found.stages ?? []).map(\.shown))
            }
            result.stages[status] = stage.id
        }
        return result
    }

    /// The portal has no such pipeline or stage.
    struct Unknown: Error, CustomStringConvertible {
        var what: String
        var name: String
        var there: [String]
        var description: String {
            "the portal has no \(what) \(name); it has \(there.isEmpty ? "none" : there.joined(separator: ", "))"
        }
    }

    /// What a portal has.
    struct Portal: Sendable, Equatable, Decodable {
        struct Named: Sendable, Equatable, Decodable {
            var id: String
            var label: String
            var stages: [Named]?

            func answers(to name: String) -> Bool { id == name || label.lowercased() == name.lowercased() }
            var shown: String { "\(id) (\(label))" }
        }
        private var results: [Named]
        var pipelines: [Named] { results }

        /// Asks the portal. Throws a description of what went wrong.
        static func ask(_ connection: Connection, _ client: Client) async throws(Failure) -> Portal {
            let secret: String
            do throws(SealedSecretError) {
                secret = try connection.openedSecret()
            } catch { throw Failure(why: error.description) }
            let session = OutboundSession(
                client, address: connection.url, fields: HubSpot.fields(secret: secret),
                deadline: .now + .seconds(10))
            let answer: Response
            do throws(AttemptEnd) {
                answer = try await session.send(HubSpotCall.readPipelines)
            } catch { throw Failure(why: error.why) }
            guard answer.status == 200 else {
                if case .ends(let outcome) = HubSpotAnswer(answer, to: .readPipelines) {
                    throw Failure(why: AttemptEnd(outcome).why)
                }
                throw Failure(why: "\(answer.status) from the portal")
            }
            do {
                return try JSONDecoder().decode(Portal.self, from: Data(answer.body))
            } catch { throw Failure(why: "the portal's answer is not a list of pipelines") }
        }
    }

    /// The portal could not be asked.
    struct Failure: Error, CustomStringConvertible {
        var why: String
        var description: String { "cannot read the portal's pipelines: \(why)" }
    }
}
