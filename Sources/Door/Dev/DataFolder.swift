import Crypto
import FoundationEssentials
import Glibc

/// The folder in which `dev` keeps its ledger, its key and its token between starts.
struct DataFolder: Sendable {
    let path: String

    /// Creates the folder if it is missing; throws ``Failure`` if it cannot be created or written to.
    init(_ path: String) throws {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Failure(
                "the data folder \(path) cannot be created: \(String(cString: strerror(errno))); choose another one with --data"
            )
        }
        guard access(path, W_OK) == 0 else {
            throw Failure("the data folder \(path) cannot be written to: choose another one with --data")
        }
    }

    var databaseURL: String { "sqlite:\(path)/orderrelay.db" }

    /// The key that encrypts connections' secrets; generated at the first start.
    func sealingKeys() throws -> SealingKeys {
        let text = try kept("secrets-key") { hexadecimal(randomBytes(32)) }
        guard let key = bytes(hexadecimal: text), let sealing = try? SealingKey(key) else {
            throw Failure(
                "\(path)/secrets-key does not hold 64 hexadecimal digits: remove the data folder to start over")
        }
        return SealingKeys(sealing)
    }

    /// The text stored in a file that only its owner can read; if the file does not exist, what `make` gives, stored from then
    /// on.
    func kept(_ name: String, _ make: () throws -> String) throws -> String {
        let file = "\(path)/\(name)"
        if let data = FileManager.default.contents(atPath: file) {
            return String(decoding: data, as: UTF8.self).trimmingSuffix(while: \.isNewline)
        }
        let text = try make()
        let made = FileManager.default.createFile(
            atPath: file, contents: Data((text + "\n").utf8), attributes: [.posixPermissions: 0o600])
        guard made else { throw Failure("\(file) cannot be written: \(String(cString: strerror(errno)))") }
        return text
    }
}

extension String {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return String(text)
    }
}
