import Foundation

/// One system's rounds of one workload.
struct LimitSeries {
    /// Seconds on a processor, and bytes in memory.
    struct Usage {
        var own: Double
        var server: Double
        var resident: Int

        init(server processID: Int32) {
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            own = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
            let text = (try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)) ?? ""
            // The name, in brackets, may have spaces; times are the 14th and 15th field of all.
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            let ticks = fields.count > 12 ? (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0) : 0
            server = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
            let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
            resident = (pages.map { Int($0[1]) ?? 0 } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
        }

        /// What was used since then.
        init(server processID: Int32, since before: Usage) {
            self.init(server: processID)
            own -= before.own
            server -= before.server
            resident -= before.resident
        }

        private static func seconds(_ time: timeval) -> Double {
            Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
        }
    }

    struct Round {
        var name: String
        var report: LimitLoadReport
        var usage: Usage
        /// Appended to Kafka.
        var records: Int?
        /// Taken by Redis, by its own account, in bytes.
        var memory: Int?

        var rate: Double { Double(report.decisions) / report.seconds }
        /// Of a million decisions.
        func processorSeconds(_ spent: Double) -> Double { spent / Double(max(1, report.asked)) * 1_000_000 }
    }

    var name: String
    var rounds: [Round]

    func line(limit: Int, beside first: LimitSeries) -> String {
        let ratios = zip(first.rounds, rounds).map { $0.rate / $1.rate }
        let rates = rounds.map(\.rate)
        let last = rounds[rounds.count - 1]
        var words = [
            name, "\(Int(median(rates)))/s [\(Int(rates.min() ?? 0))–\(Int(rates.max() ?? 0))]",
            "p50 \(time(0.5)), p99 \(time(0.99)), p99.9 \(time(0.999))",
            "CPU s per million: client \(tenths(median(rounds.map { $0.processorSeconds($0.usage.own) }))), server "
                + "\(tenths(median(rounds.map { $0.processorSeconds($0.usage.server) })))",
            "\(last.report.granted) granted, \(last.report.refused) refused, \(last.report.unavailable) unavailable",
        ]
        if let records = last.records {
            words.append("\(records) records, \(last.usage.resident >> 20) MiB more in this process")
        }
        if let memory = last.memory { words.append("\(memory >> 10) KiB in Redis") }
        if !last.report.admissions.isEmpty {
            words.append("worst window \(last.report.worstWindow) of \(limit), used \(used(last.report, limit)) %")
        }
        if name != first.name { words.append("ours is \(tenths(median(ratios))) of it") }
        return words.joined(separator: "; ")
    }

    private func used(_ report: LimitLoadReport, _ limit: Int) -> Double {
        let times = report.admissions.map(\.answered).sorted()
        guard times.count > limit else { return 0 }
        let spans = (limit..<times.count).map { (times[$0] - times[$0 - limit]) / .seconds(1) }
        return tenths(6_000 * Double(spans.count) / spans.reduce(0, +))
    }

    private func time(_ share: Double) -> String {
        let microseconds = median(rounds.map { $0.report.microseconds(share) })
        return microseconds < 1_000 ? "\(tenths(microseconds)) µs" : "\(tenths(microseconds / 1_000)) ms"
    }

    private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    private func median(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
}
