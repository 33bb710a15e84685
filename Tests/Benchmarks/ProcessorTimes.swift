import Foundation

/// What the processes of this machine have used of its processors, by what they are.
struct ProcessorTimes {
    /// Seconds; an `orderrelay` is named by its command, others by their program.
    private(set) var seconds: [String: Double] = [:]

    /// `utime`, `stime` and those of ended children, of /proc/PID/stat (proc(5)).
    static func now() -> ProcessorTimes {
        var times = ProcessorTimes()
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        for process in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(process) != nil {
            guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let command = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8),
                let end = stat.lastIndex(of: ")")
            else { continue }
            let words = command.split(separator: "\0")
            let fields = stat[end...].split(separator: " ")
            guard let path = words.first, fields.count > 14 else { continue }
            var name = String(path.split(separator: "/").last?.prefix { $0 != ":" && $0 != " " } ?? "")
            if name == "orderrelay", words.count > 1 { name = String(words[1]) }
            times.seconds[name, default: 0] += fields[12...15].compactMap { Double($0) }.reduce(0, +) / ticks
        }
        return times
    }

    func since(_ earlier: ProcessorTimes) -> ProcessorTimes {
        var times = self
        for (name, value) in earlier.seconds { times.seconds[name, default: 0] -= value }
        times.seconds = times.seconds.filter { $0.value > 0.02 }
        return times
    }
}
