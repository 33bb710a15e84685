import Foundation

/// Starts a process of the shell's that does something at once, waits for the end of this one, however that ends, and then
/// clears up.
///
/// - Returns: a descriptor that the system closes when this process ends; closing it earlier has the same effect.
package func startKeeperProcess(_ cleanup: String, beginning: String = ":") throws -> Int32 {
    var ends: [Int32] = [0, 0]
    // No other child may hold the end that we write to.
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
        throw CommandFailure("no socket to keep a process by")
    }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // Of its own, and no child of ours that would have to be collected.
    let script = "\(beginning)\ncat >/dev/null\n\(cleanup)"
    let child = try spawnCommand(["setsid", "--fork", "sh", "-c", script], actions: &actions)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return ends[1]
}
