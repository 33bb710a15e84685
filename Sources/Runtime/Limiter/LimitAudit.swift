public import Kafka
public import RateLimit

/// Reads topic `ratelimit` from its beginning to its current end, and has an ``Auditor`` recount it.
public enum LimitAudit {
    /// The findings about every limit on the topic, worst first.
    ///
    /// - Throws: `KafkaError` if the topic cannot be read.
    public static func run(_ properties: ClientProperties) async throws -> [(limitID: LimitID, report: Auditor.Report)]
    {
        let reader = try await TopicReader(properties, topic: LimiterSettings.topic)
        var auditor = Auditor()
        do {
            // An empty batch means that the end was reached.
            while let records = try await reader.next(maximum: 4_096), !records.isEmpty {
                for record in records {
                    auditor.read(
                        record.value, partition: record.source.partition, timestamp: record.timestamp ?? 0)
                }
            }
        } catch {
            await reader.close(timeout: .seconds(1))
            throw error
        }
        await reader.close(timeout: .seconds(1))
        return auditor.limitIDs.compactMap { id in auditor.report(of: id).map { (id, $0) } }
            .sorted {
                ($0.report.overAdmissions, $0.report.worstWindow) > ($1.report.overAdmissions, $1.report.worstWindow)
            }
    }
}
