import Foundation

/// The resident size of another process, taken once a second.
struct ResidentSize {
    /// Sizes are means of so many samples: one alone may fall on a moment's peak.
    private static let window = 10
    private static let minute = 60

    let name: String
    let processID: Int32
    /// Kilobytes; the first is that of the start.
    private(set) var samples: [Int] = []

    init(_ name: String, _ processID: Int32) {
        self.name = name
        self.processID = processID
    }

    /// `VmRSS` of /proc/PID/status (proc(5)).
    mutating func sample() {
        let status = (try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        guard let size = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            return
        }
        samples.append(size)
    }

    /// At the start, after the first minute, at the end, the largest, and every half a minute.
    var report: String {
        guard samples.count > Self.minute + Self.window else {
            return "\(name): only \(samples.count) s, too short for a judgement; \(course)"
        }
        let first = mean(until: Self.minute)
        let last = mean(until: samples.count)
        let growth = Double(last - first) / Double(first) * 100
        return "\(name): \(megabytes(samples[0])) at the start, \(megabytes(first)) after the first minute, "
            + "\(megabytes(last)) at the end (\(samples.count) s), largest \(megabytes(samples.max() ?? 0)): "
            + "\(growth < 0 ? "" : "+")\((growth * 10).rounded() / 10) %, "
            + "\(abs(growth) <= 10 ? "within" : growth > 0 ? "NOT within" : "smaller by more than") 10 %; \(course)"
    }

    private func mean(until end: Int) -> Int { samples[(end - Self.window)..<end].reduce(0, +) / Self.window }

    private var course: String {
        "each 30 s: \(stride(from: 0, to: samples.count, by: 30).map { megabytes(samples[$0]) }.joined(separator: ", "))"
    }

    private func megabytes(_ kilobytes: Int) -> String { "\((Double(kilobytes) / 102.4).rounded() / 10) MB" }
}
