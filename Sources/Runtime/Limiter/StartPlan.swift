import Kafka
import RateLimit

/// Where each partition of topic `ratelimit` is read from when a process starts.
struct StartPlan: Sendable {
    struct Start: Sendable, Equatable {
        var offset: Int64
        /// Whether nothing came before: then the process knows everything.
        var isWhole: Bool
    }

    private static let patience = Duration.seconds(10)

    var starts: [Int32: Start] = [:]

    var offsets: [Int32: StartOffset] { starts.mapValues { .offset($0.offset) } }

    /// From the last record that is at least `replay` older than the partition's end, else from its beginning.
    static func make(_ settings: LimiterSettings) async throws -> StartPlan {
        let admin = try Admin(settings.properties)
        do {
            let plan = try await make(settings, admin)
            await admin.close()
            return plan
        } catch {
            await admin.close()
            throw error
        }
    }

    private static func make(_ settings: LimiterSettings, _ admin: Admin) async throws -> StartPlan {
        var logs: [Int32: Range<Int64>] = [:]
        for number in 0..<(try await admin.partitionCount(of: LimiterSettings.topic, timeout: patience)) {
            let partition = TopicPartition(topic: LimiterSettings.topic, partition: number)
            logs[number] = try await admin.offsets(of: partition, timeout: patience)
        }
        // The embedded broker's stamps are useless: its log is read from the beginning.
        guard !settings.acceptsProducerTime else { return StartPlan(logs, from: [:]) }
        let oldest = try await newestTimestamps(logs, settings).mapValues { $0 - settings.replay }
        // The first record younger than that; the one before it is where reading begins.
        let younger = try await admin.offsets(
            of: LimiterSettings.topic, atOrAfter: oldest.mapValues { $0 + 1 }, timeout: patience)
        return StartPlan(logs, from: younger.mapValues { $0 - 1 })
    }

    init(_ logs: [Int32: Range<Int64>], from offsets: [Int32: Int64]) {
        for (partition, log) in logs {
            let offset = max(log.lowerBound, min(offsets[partition] ?? log.lowerBound, log.upperBound))
            starts[partition] = Start(offset: offset, isWhole: offset == 0 || log.isEmpty)
        }
    }

    /// The stamp of each partition's last record.
    private static func newestTimestamps(
        _ logs: [Int32: Range<Int64>], _ settings: LimiterSettings
    ) async throws -> [Int32: Milliseconds] {
        let filled = logs.filter { !$0.value.isEmpty }
        guard !filled.isEmpty else { return [:] }
        let start = logs.mapValues { StartOffset.offset($0.isEmpty ? $0.upperBound : $0.upperBound - 1) }
        let reader = try await TopicReader(settings.properties, topic: LimiterSettings.topic, start: start)
        defer { Task { await reader.close(timeout: .seconds(1)) } }
        var timestamps: [Int32: Milliseconds] = [:]
        while timestamps.count < filled.count, let records = try await reader.next(maximum: 1_000) {
            for record in records where timestamps[record.source.partition] == nil {
                guard record.isTimestampFromBroker, let timestamp = record.timestamp else {
                    throw LimiterError.producerTime(record)
                }
                timestamps[record.source.partition] = timestamp
            }
        }
        return timestamps
    }
}
