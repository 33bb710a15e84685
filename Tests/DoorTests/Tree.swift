import Foundation

/// The package's own files, which some tests read: what is written somewhere is to be true.
enum Tree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The names of the folders in one.
    static func folders(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: path).path).filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(
                atPath: root.appending(path: "\(path)/\($0)").path, isDirectory: &isFolder) && isFolder.boolValue
        }.sorted()
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Every file below a folder whose name ends so, by path from the root.
    static func files(in path: String, endingIn suffix: String) throws -> [(path: String, text: String)] {
        let folder = root.appending(path: path)
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(suffix) }.sorted().map { ("\(path)/\($0)", try text("\(path)/\($0)")) }
    }

    /// All Swift sources of the program.
    static func sources() throws -> [(path: String, text: String)] { try files(in: "Sources", endingIn: ".swift") }

    /// Everything that is written for users.
    static func documentation() throws -> [(path: String, text: String)] {
        try [("README.md", text("README.md"))] + files(in: "Sources/OrderRelay/OrderRelay.docc", endingIn: ".md")
    }
}
