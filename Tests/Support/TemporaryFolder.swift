package import Foundation

/// A folder of one test's own, removed with it.
package final class TemporaryFolder: Sendable {
    package let url: URL
    package var path: String { url.path }

    /// - Parameter name: what it is for, part of its name.
    package init(_ name: String = "test") throws {
        url = FileManager.default.temporaryDirectory.appending(path: "orderrelay-\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    package func file(_ name: String = "ledger.db") -> String { url.appending(path: name).path }

    deinit { try? FileManager.default.removeItem(at: url) }
}
