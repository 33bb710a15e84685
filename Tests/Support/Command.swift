package import Foundation

/// Runs a program to its end; what it printed.
///
/// Not by Foundation's `Process`: it takes a child for running as long as anything holds the descriptors that it
/// inherited, and what a command leaves running does.
/// - Throws: ``CommandFailure`` where it cannot be started, or ends with another status than 0.
@discardableResult
package func runCommand(
    _ words: [String], environment: [String: String] = ProcessInfo.processInfo.environment
) throws -> String {
    let output = FileManager.default.temporaryDirectory.appending(path: "orderrelay-command-\(UUID().uuidString).out")
    defer { try? FileManager.default.removeItem(at: output) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let child = try spawnCommand(words, environment: environment, actions: &actions)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    let text = try String(contentsOf: output, encoding: .utf8)
    guard status == 0 else { throw CommandFailure("\(words.joined(separator: " ")): \(text)") }
    return text
}

/// Starts a program with these descriptors, and no signal blocked.
package func spawnCommand(
    _ words: [String], environment: [String: String] = ProcessInfo.processInfo.environment,
    actions: inout posix_spawn_file_actions_t
) throws -> pid_t {
    // The thread's signal mask would be inherited, and with it servers that cannot be asked to end.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var texts: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in texts + variables { free(text) } }
    var child = pid_t()
    guard posix_spawnp(&child, words[0], &actions, &attributes, &texts, &variables) == 0 else {
        throw CommandFailure("\(words[0]) cannot be started")
    }
    return child
}

package struct CommandFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
