import Foundation
import Orders

/// Who had which partitions when, from what workers write into their logs at each assignment. Pure.
struct PartitionMoves {
    private struct Assignment {
        var time: Timestamp
        var owner: String
        var partitions: Set<Int>
    }
    private var assignments: [Assignment] = []

    /// Notes what a process has logged.
    mutating func read(_ lines: [Substring], of owner: String) throws {
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard let object, object["message"] as? String == "partitions were assigned",
                let time = (object["time"] as? String).flatMap({ Timestamp(iso8601: $0) }),
                let fields = object["fields"] as? [String: String], let places = fields["partitions"]
            else { continue }
            // A worker of one topic: `orders/0,1,5`, or nothing.
            let numbers = places.split(separator: "/").dropFirst().first?.split(separator: ",") ?? []
            assignments.append(Assignment(time: time, owner: owner, partitions: Set(numbers.compactMap { Int($0) })))
        }
    }

    /// How often each partition came to another process than the one that had it before, from this time on.
    func counts(since start: Timestamp) -> [Int: Int] {
        var owners: [Int: String] = [:]
        var counts: [Int: Int] = [:]
        for assignment in assignments.sorted(by: { $0.time < $1.time }) {
            for partition in assignment.partitions {
                let before = owners.updateValue(assignment.owner, forKey: partition)
                let hasMoved = before != nil && before != assignment.owner && assignment.time >= start
                counts[partition, default: 0] += hasMoved ? 1 : 0
            }
        }
        return counts
    }
}
