import Glibc

/// What a file of the kernel's says, as those in /proc and /sys/fs/cgroup do, of which the first 2 KB are enough; nil if it is
/// empty or cannot be read.
func kernelFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 2048)
    let length = read(descriptor, &buffer, buffer.count)
    return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : nil
}
