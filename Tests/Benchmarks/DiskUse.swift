import Foundation
import Support

/// What Kafka and the ledger have on disk.
struct DiskUse {
    /// By place, in bytes.
    private var bytes: [(place: String, bytes: Int)]

    /// - Parameter server: where the ledger is; nil: in the cluster's file.
    static func now(_ cluster: BenchmarkCluster, _ server: PostgreSQLServer?) async throws -> DiskUse {
        var bytes = [("Kafka", try size(of: cluster.kafka.folder) { $0.pathExtension == "log" })]
        if let server {
            let sizes = try await server.sql(
                "SELECT (SELECT sum(pg_database_size(oid))::bigint FROM pg_database), "
                    + "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
            let numbers = sizes.split(separator: "|").compactMap { Int($0) }
            guard numbers.count == 2 else { throw CommandFailure("PostgreSQL did not say its size: \(sizes)") }
            bytes += [("the ledger", numbers[0]), ("PostgreSQL's write-ahead log", numbers[1])]
        } else {
            bytes.append(("the ledger", try size(of: cluster.folder) { $0.lastPathComponent.hasPrefix("ledger.db") }))
        }
        return DiskUse(bytes: bytes)
    }

    func since(_ before: DiskUse) -> [(place: String, bytes: Int)] {
        zip(bytes, before.bytes).map { ($0.place, $0.bytes - $1.bytes) }
    }

    /// The sum of the files' lengths that are wanted: Kafka's are as long as what was written.
    private static func size(of folder: URL, isWanted: (URL) -> Bool) throws -> Int {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .isRegularFileKey]
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: Array(keys))
        var sum = 0
        while let file = files?.nextObject() as? URL {
            guard isWanted(file) else { continue }
            let values = try file.resourceValues(forKeys: keys)
            if values.isRegularFile == true { sum += values.fileSize ?? 0 }
        }
        return sum
    }
}
