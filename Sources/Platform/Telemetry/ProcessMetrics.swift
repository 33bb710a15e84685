import Glibc

extension Metrics {
    /// Adds metrics about the program and its process: `orderrelay_build_info`, and Prometheus' usual `process_…` names
    /// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics), from /proc.
    /// - Parameters:
    ///   - version: of the program.
    ///   - process: the subcommand.
    public func addProcess(version: String, process: String) {
        gauge(
            "orderrelay_build_info", "The program that runs: always 1.",
            labels: [Label("version", [version]), Label("process", [process])]
        ).set(1, version, process)
        gauge("process_start_time_seconds", "When the process started, seconds since 1970.")
            .set(Double(WallClock.milliseconds()) / 1000)
        let cpu = readCounter("process_cpu_seconds_total", "CPU time of the process, user and system, in seconds.")
        let resident = gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.")
        let limit = gauge(
            "orderrelay_memory_limit_bytes", "Memory that the process's container may use; +Inf without a limit.")
        limit.set(memoryLimit())
        let virtual = gauge("process_virtual_memory_bytes", "Address space of the process.")
        let descriptors = gauge("process_open_fds", "Open file descriptors of the process.")
        if let most = descriptorsMaximum() {
            gauge("process_max_fds", "File descriptors that the process may have open.").set(most)
        }
        let threads = gauge("process_threads", "Threads of the process.")
        beforeRendering {
            cpu.set(cpuSeconds())
            if let figures = ProcessFigures.read() {
                resident.set(figures.residentBytes)
                virtual.set(figures.virtualBytes)
                threads.set(figures.threads)
            }
            if let count = openDescriptors() { descriptors.set(Double(count)) }
        }
    }
}

private func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
}

private func descriptorsMaximum() -> Double? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
    return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
}

/// What /proc/self/stat says (proc(5)): field 20 num_threads, field 23 vsize in bytes, field 24 rss in pages.
private struct ProcessFigures {
    var residentBytes: Double
    var virtualBytes: Double
    var threads: Double

    static func read() -> ProcessFigures? {
        // The program's name, in parentheses, may itself hold spaces: count from the last ")".
        guard let text = kernelFile("/proc/self/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 21, let threads = Double(fields[17]), let virtual = Double(fields[20]),
            let pages = Double(fields[21])
        else { return nil }
        return ProcessFigures(
            residentBytes: pages * Double(sysconf(Int32(_SC_PAGESIZE))), virtualBytes: virtual, threads: threads)
    }
}

private func openDescriptors() -> Int? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
        if entry.pointee.d_name.0 != 0x2e { count += 1 }  // not "." and ".."
    }
    return count - 1  // the folder itself is open now
}
