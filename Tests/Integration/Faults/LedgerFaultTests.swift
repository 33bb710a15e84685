import Foundation
import HTTP
import Ledger
import Sandbox
import Support
import Telemetry
import Testing

/// What lies under the ledger fails: another program holds the file, the file system is full, the clock is set back.
@Suite("A ledger that cannot be used", .enabled(if: LedgerFaults.canMount), .serialized)
struct LedgerFaultTests {
    @Test(
        "a ledger that another program has locked is waited for, by processes and by migrate; a command says so, status 3",
        .timeLimit(.minutes(2)))
    func locked() async throws {
        let scene = try await CrashScene()
        let path = scene.bench.folder.appending(path: "ledger.db").path
        var locker = try await HelperServer.started("locked_database.py", [path])
        let worker = try LedgerFaults.Worker(scene, path: path)
        try await worker.waits(with: "another program holds the file's lock")
        let (status, errors) = try await LedgerFaults.command("audit-trail", path: path, scene)
        #expect(status == 3 && errors.count == 1 && errors[0].contains("another program holds"), "\(errors)")
        let migrating = try Program(
            ["migrate"], environment: ["DATABASE_URL": "sqlite:\(path)"], in: scene.bench.folder)
        try await eventually("migrate waits") { migrating.errors.contains("waits for the database") }
        let impatient = try LedgerFaults.Worker(scene, path: path)
        try await impatient.waits(with: "another program holds the file's lock")
        let asked = ContinuousClock.now
        #expect(await impatient.program.stop() == 0)
        #expect(.now - asked < .seconds(3), "a process that waits for its ledger ended after \(.now - asked)")
        locker.stop()
        #expect(await migrating.status() == 0, "\(migrating.errors)")
        try await worker.works(scene, orders: 5)

        locker = try await HelperServer.started("locked_database.py", [path])
        try await scene.publish(5)
        try await worker.says("another program holds the file's lock", beside: 1)
        locker.stop()
        try await worker.works(scene, orders: 0)
        try await worker.end(scene, orders: 10)
    }

    @Test(
        "a full file system is waited for, at the start and later; a command says so, status 3", .timeLimit(.minutes(2))
    )
    func full() async throws {
        let scene = try await CrashScene()
        let folder = scene.bench.folder.appending(path: "small")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        try MailTools.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder.path])
        defer { _ = try? MailTools.run(["umount", "-l", folder.path]) }
        let filler = folder.appending(path: "filler")
        try LedgerFaults.fill(filler)
        let path = folder.appending(path: "ledger.db").path
        let worker = try LedgerFaults.Worker(scene, path: path)
        try await worker.waits(with: "free space on the file system")
        let (status, errors) = try await LedgerFaults.command("audit-trail", path: path, scene)
        #expect(status == 3 && errors.count == 1 && errors[0].contains("free space"), "\(errors)")
        try FileManager.default.removeItem(at: filler)
        try await worker.works(scene, orders: 5)

        try LedgerFaults.fill(filler)
        try await scene.publish(50)
        try await worker.says("free space on the file system", beside: 1)
        try FileManager.default.removeItem(at: filler)
        try await worker.works(scene, orders: 0)
        try await worker.end(scene, orders: 55)
    }

    @Test(
        "a clock set back by an hour puts nothing off, and is said once; so is a start behind the ledger's time",
        .timeLimit(.minutes(2)))
    func clockSetBack() async throws {
        let scene = try await CrashScene()
        let path = scene.bench.folder.appending(path: "ledger.db").path
        let clock = try SetClock(in: scene.bench.folder)
        var worker = try LedgerFaults.Worker(scene, path: path, clock.environment)
        try await worker.works(scene, orders: 1)
        scene.sandbox.mailFaults.add(.init(.rcpt, .reply("451 4.3.0 later")))
        try await scene.publish(1)
        try await eventually("the second order is put off") { scene.sandbox.mailFaults.waiting.isEmpty }
        try clock.set(seconds: -3_600)
        try await worker.works(scene, orders: 0)
        #expect(worker.lines("the clock is behind the latest time in the ledger").count == 1)
        #expect(await worker.program.stop() == 0)

        scene.sandbox.mailFaults.add(.init(.rcpt, .reply("451 4.3.0 later")))
        worker = try LedgerFaults.Worker(scene, path: path, clock.environment)
        try await worker.works(scene, orders: 1)
        #expect(worker.lines("the clock is behind the latest time in the ledger").count == 1)
        try await worker.end(scene, orders: 3)
    }
}

enum LedgerFaults {
    /// Whether small file systems can be mounted here.
    static let canMount: Bool = {
        if getuid() == 0, MailTools.areHere { return true }
        print("SKIPPED: the tests of full file systems and locked files need root and python3")
        return false
    }()

    /// Takes all the space that there is.
    static func fill(_ file: URL) throws {
        _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        let handle = try FileHandle(forWritingTo: file)
        let page = Data(count: 4096)
        while (try? handle.write(contentsOf: page)) != nil {}
        try handle.close()
    }

    /// Runs a command on a ledger: its exit status, and the lines that it said.
    static func command(
        _ name: String, path: String, _ scene: CrashScene
    ) async throws -> (status: Int32, errors: [Substring]) {
        let program = try Program([name], environment: ["DATABASE_URL": "sqlite:\(path)"], in: scene.bench.folder)
        let status = await program.status()
        return (status, program.errors.split(separator: "\n"))
    }

    /// A worker on a ledger of the test's choice.
    struct Worker {
        let program: Program
        private let adminPort = FreePorts.take(1)[0]
        private let path: String

        init(_ scene: CrashScene, path: String, _ more: [String: String] = [:]) throws {
            self.path = path
            program = try scene.start(
                "confirmations", adminPort: adminPort, more.merging(["DATABASE_URL": "sqlite:\(path)"]) { $1 })
        }

        func lines(_ text: String) -> [Substring] {
            program.errors.split(separator: "\n").filter { $0.contains(text) }
        }

        /// It waits for the ledger, and says so, in its log and on its page.
        func waits(with text: String) async throws {
            try await says(text, beside: 0)
            let client = Client()
            defer { client.close() }
            let answer = try await client.send(ClientRequest(.get, "http://127.0.0.1:\(adminPort)/readyz"))
            let page = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.status == 503 && page.contains("waits for the ledger") && page.contains(text), "\(page)")
        }

        /// - Parameter before: lines that were said before.
        func says(_ text: String, beside before: Int) async throws {
            try await eventually("`\(text)` in:\n\(program.errors)", within: .seconds(40)) {
                lines("waits for the ledger").filter { $0.contains(text) }.count > before
            }
        }

        /// Every order published until now is confirmed.
        func works(_ scene: CrashScene, orders: Int) async throws {
            try await scene.publish(orders)
            let count = scene.publishedCount
            try await eventually("\(count) orders are confirmed:\n\(program.errors.suffix(3000))", within: .seconds(40))
            {
                scene.copies().count == count
            }
        }

        /// Each order was confirmed once, the books close, and little was said.
        func end(_ scene: CrashScene, orders: Int) async throws {
            #expect(await program.stop() == 0)
            let ledger = try Ledger.open(url: "sqlite:\(path)", sealing: nil, now: { 0 })
            let book = try await ledger.books(of: "confirmations").first { $0.destination == "email" }
            #expect(book?.rows.filter { $0.value > 0 } == [.done: Int64(orders)] && book?.unaccounted == 0)
            await ledger.close()
            #expect(scene.copies().values.allSatisfy { $0.count == 1 })
            let warnings = program.errors.split(separator: "\n").filter { !$0.contains("\"info\"") }
            #expect(warnings.count < 10, "\(warnings.count) lines:\n\(warnings.joined(separator: "\n").prefix(6000))")
            try await scene.end()
        }
    }
}

/// A time of day that a test sets for the programs which it starts.
struct SetClock {
    let environment: [String: String]
    private let file: URL

    init(in folder: URL) throws {
        file = folder.appending(path: "clock")
        let library = folder.appending(path: "set_clock.so").path
        try MailTools.run([
            "cc", "-shared", "-fPIC", "-O1", "-o", library, MailTools.folder.appending(path: "set_clock.c").path,
        ])
        environment = ["LD_PRELOAD": library, "SET_CLOCK": file.path]
        try withUnsafeBytes(of: 0) { try Data($0).write(to: file) }
    }

    /// Away from the machine's time; programs that run notice it.
    func set(seconds: Int) throws {
        // In place: they have mapped the file.
        let handle = try FileHandle(forWritingTo: file)
        try withUnsafeBytes(of: seconds) { try handle.write(contentsOf: Data($0)) }
        try handle.close()
    }
}
