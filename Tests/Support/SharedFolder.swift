import Foundation

/// The real parts that tests use where they are there: `ORDERRELAY_SHARED`, else `../shared` from the package's root.
let sharedFolder: URL = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let folder = ProcessInfo.processInfo.environment["ORDERRELAY_SHARED"].map { URL(filePath: $0) }
    return (folder ?? root.appending(path: "../shared")).standardizedFileURL
}()
