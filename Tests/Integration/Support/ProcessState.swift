import Foundation

/// What proc(5) says of a process. Foundation takes a stopped child for one that has ended, so a test that freezes programs
/// looks for itself.
enum ProcessState {
    /// Whether all threads stand still: they do so one after the other.
    static func hasStopped(_ process: Int32) -> Bool {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
        return threads.allSatisfy { letter("/proc/\(process)/task/\($0)") == "T" }
    }

    static func hasEnded(_ process: Int32) -> Bool { ["Z", nil].contains(letter("/proc/\(process)")) }

    /// `R`, `S`, `T`, `Z`; nil if there is no such process.
    private static func letter(_ path: String) -> String? {
        guard let text = try? String(contentsOfFile: "\(path)/stat", encoding: .utf8) else { return nil }
        return text.split(separator: ")").last?.split(separator: " ").first.map(String.init)
    }
}
