import Foundation
import Testing

/// Runs work as a user who may not write what others own, also where the tests run as root.
///
/// Linux keeps a user for files per thread (setfsuid(2)); a changed one has none of root's rights over files.
func withoutPrivileges<Success>(_ work: () throws -> Success) throws -> Success {
    guard geteuid() == 0 else { return try work() }
    typealias SetUser = @convention(c) (UInt32) -> Int32
    let symbol = try #require(dlsym(nil, "setfsuid"), "this system has no users for files per thread")
    let setUser = unsafeBitCast(symbol, to: SetUser.self)
    _ = setUser(65_534)
    defer { _ = setUser(0) }
    return try work()
}
