/// How much memory the process's container may use, in bytes; infinite if that is not limited, or not known.
///
/// Control groups of version 2 have it in `memory.max`, those of version 1 in `memory/memory.limit_in_bytes`, where no limit
/// is the greatest multiple of a page (https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files).
///
/// - Parameter groups: where the process sees its own control group.
func memoryLimit(groups: String = "/sys/fs/cgroup") -> Double {
    let unlimited = Double(1 << 60)
    for file in ["memory.max", "memory/memory.limit_in_bytes"] {
        guard let text = kernelFile("\(groups)/\(file)")?.split(separator: "\n").first else { continue }
        guard let bytes = Double(text), bytes < unlimited else { return .infinity }
        return bytes
    }
    return .infinity
}
