package import Foundation
import Synchronization

/// A real PostgreSQL 15 for tests: a server of its own in a temporary folder, on a free port of loopback. It ends with this
/// process, however that ends.
///
/// Where it is not installed the tests that need it are skipped, loudly; under `ORDERRELAY_CI=1` that is a failure unless
/// `ALLOW_SKIP=1`.
package final class PostgreSQLServer: Sendable {
    /// One server for all tests that do it no harm.
    package static func shared() async throws -> PostgreSQLServer { try await sharedOne.value }

    /// Tests run side by side, each with connections of its own.
    private static let sharedOne = Task { try await PostgreSQLServer(settings: ["max_connections=400"]) }

    /// Whether one can be started here; says so once where none can.
    package static let isHere: Bool = {
        if FileManager.default.isExecutableFile(atPath: "\(programs)/initdb") { return true }
        print("SKIPPED: no PostgreSQL 15 at \(programs): install the Debian package postgresql-15")
        let environment = ProcessInfo.processInfo.environment
        precondition(
            environment["ORDERRELAY_CI"] == nil || environment["ALLOW_SKIP"] == "1",
            "tests on PostgreSQL must not be skipped here; ALLOW_SKIP=1 permits it")
        return false
    }()

    package static let programs = "/usr/lib/postgresql/15/bin"
    /// Who owns the databases of tests.
    package static let role = "relay"
    package static let password = "open-sesame"

    package let port: Int
    package let folder: URL
    private let settings: [String]
    /// Of the server's own environment.
    private let variables: [String: String]
    /// Closed by the system when this process ends, which ends the server.
    private let lifeline: Int32
    private let databases = Atomic(0)

    /// - Parameters:
    ///   - settings: of the server's configuration, as `max_connections=10`.
    ///   - script: of the shell, run in the folder of its data by its user before it starts.
    ///   - variables: of the server's environment.
    ///   - primary: what this one is a standby of; nil: it is its own.
    ///   - diskMegabytes: of a disk of its own; needs ``canMount``.
    package init(
        settings: [String] = [], script: String? = nil, variables: [String: String] = [:],
        standbyOf primary: PostgreSQLServer? = nil, diskMegabytes: Int? = nil
    ) async throws {
        self.variables = variables
        folder = FileManager.default.temporaryDirectory.appending(path: "orderrelay-pg-\(UUID().uuidString.prefix(8))")
        port = FreePorts.take(1)[0]
        // What a crash of the machine would lose is no matter: a crash of the server loses nothing.
        self.settings = ["fsync=off", "listen_addresses=127.0.0.1", "log_line_prefix=%m [%p] "] + settings
        let template = try await Self.template.value
        try await Self.unprivileged(["mkdir", "-m", "700", folder.path, "\(folder.path)/data"])
        lifeline = try Self.startKeeper(of: folder)
        if let diskMegabytes {
            let options = "size=\(diskMegabytes)m,mode=700,uid=postgres,gid=postgres"
            let mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", data.path]
            _ = try await onThread { try runCommand(mount) }
        }
        if let primary {
            try await Self.unprivileged([
                "pg_basebackup", "-h", primary.folder.path, "-p", "\(primary.port)", "-U", "postgres", "-D", data.path,
                "-R", "-c", "fast", "--no-sync",
            ])
        } else {
            try await Self.unprivileged(["cp", "-a", "\(template.path)/.", data.path])
        }
        if let script { try await Self.unprivileged(["sh", "-ec", "cd '\(data.path)'; \(script)"]) }
        try await start()
    }

    deinit { close(lifeline) }

    package var data: URL { folder.appending(path: "data") }

    /// Where one of its databases is.
    ///
    /// - Parameters:
    ///   - role, password: others than the tests' own.
    ///   - query: parameters, as `sslmode=require`.
    package func url(
        database: String, role: String = role, password: String = password, host: String = "127.0.0.1",
        query: String = ""
    ) -> String {
        "postgresql://\(role):\(password)@\(host):\(port)/\(database)"
            + (query.isEmpty ? "" : "?\(query)")
    }

    /// A database for one test alone; its name.
    ///
    /// - Parameter template: the database that it is a copy of, to which nobody is connected; else it is empty.
    package func makeDatabase(template: String = "template0") async throws -> String {
        let name = "test\(databases.add(1, ordering: .relaxed).newValue)"
        try await sql("CREATE DATABASE \(name) OWNER \(Self.role) TEMPLATE \(template)")
        return name
    }

    /// What the server's administrator does; what psql prints of it.
    @discardableResult
    package func sql(_ text: String, database: String = "postgres") async throws -> String {
        try await onThread { try self.sqlBlocking(text, database: database) }
    }

    /// As ``sql(_:database:)``, where nothing can be awaited.
    @discardableResult
    package func sqlBlocking(_ text: String, database: String = "postgres") throws -> String {
        let psql = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", folder.path, "-p", "\(port)", "-d", database]
        // A test may have taken the standby away that commits wait for.
        let output = try Self.run(psql + ["-c", text], with: ["PGOPTIONS": "-c synchronous_commit=local"])
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: What is done to it

    package func start() async throws {
        let options = (settings + ["unix_socket_directories=\(folder.path)"]).map { "-c '\($0)'" }
        do {
            try await Self.unprivileged(
                [
                    "pg_ctl", "start", "-w", "-D", data.path, "-l", folder.appending(path: "log").path, "-o",
                    "-p \(port) \(options.joined(separator: " "))",
                ], with: variables)
        } catch { throw CommandFailure("\(error)\n\(log.suffix(2_000))") }
    }

    package func stop() async throws {
        try await Self.unprivileged(["pg_ctl", "stop", "-w", "-m", "fast", "-D", data.path])
    }

    /// Kills all its processes at once, as a machine that loses its power.
    package func kill() async throws {
        // So that none is started meanwhile.
        Foundation.kill(try processes[0], SIGSTOP)
        let processes = try self.processes
        for process in processes { Foundation.kill(process, SIGKILL) }
        // They are no children of ours, and may not be collected by whose they are.
        try await eventually("PostgreSQL has ended") { processes.allSatisfy(Self.hasEnded) }
        // One that has ended and was not collected yet would be taken for a running server.
        for file in ["data/postmaster.pid", ".s.PGSQL.\(port).lock"] {
            try FileManager.default.removeItem(at: folder.appending(path: file))
        }
    }

    private static func hasEnded(_ process: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
        return stat.split(separator: ")").last?.hasPrefix(" Z") ?? true
    }

    /// Makes a standby a server of its own, which takes writes.
    package func promote() async throws {
        try await Self.unprivileged(["pg_ctl", "promote", "-w", "-D", data.path])
    }

    /// Whether a disk may be given to a server here; says so once where none may.
    package static let canMount: Bool = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "orderrelay-mount-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try runCommand(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path])
            try runCommand(["umount", folder.path])
            return true
        } catch {
            print("SKIPPED: no disk of a server's own, which takes the right to mount: \(error)")
            return false
        }
    }()

    /// Stops all its processes, without their noticing.
    package func freeze() throws { for process in try processes { Foundation.kill(process, SIGSTOP) } }

    package func thaw() throws { for process in try processes { Foundation.kill(process, SIGCONT) } }

    /// What its processes that have ended have used of the processors, in seconds.
    package func processorTime() throws -> Double {
        let stat = try String(contentsOfFile: "/proc/\(try processes[0])/stat", encoding: .utf8)
        let words = stat.split(separator: ")").last?.split(separator: " ") ?? []
        guard words.count > 14, let user = Double(words[13]), let system = Double(words[14]) else {
            throw CommandFailure("/proc does not tell what PostgreSQL has used")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    package var log: String { (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? "" }

    private var processes: [pid_t] {
        get throws {
            let file = try String(contentsOf: data.appending(path: "postmaster.pid"), encoding: .utf8)
            guard let first = file.split(separator: "\n").first, let server = pid_t(first) else {
                throw CommandFailure("PostgreSQL does not run in \(data.path)")
            }
            let children = try String(contentsOfFile: "/proc/\(server)/task/\(server)/children", encoding: .utf8)
            return [server] + children.split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// pgbouncer before this server, which gives each transaction one of two connections; its port.
    package func startPooler() async throws -> Int {
        let port = FreePorts.take(1)[0]
        let configuration = """
            [databases]
            * = host=127.0.0.1 port=\(self.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = \(folder.path)/users
            pool_mode = transaction
            default_pool_size = 2
            pidfile = \(folder.path)/pooler.pid
            logfile = \(folder.path)/pooler.log
            """
        let script = """
            cd '\(folder.path)'
            echo '"\(Self.role)" "\(Self.password)"' > users
            echo '\(configuration)' > pooler.ini
            pgbouncer -d pooler.ini
            """
        try await Self.unprivileged(["sh", "-ec", script])
        return port
    }

    package static let hasPooler = FileManager.default.isExecutableFile(atPath: "/usr/sbin/pgbouncer")

    // MARK: How it is run

    /// A database cluster that servers are copied from, since making one takes a second.
    private static let template = Task {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "orderrelay-pg-\(UUID().uuidString.prefix(8))")
        try await unprivileged(["mkdir", "-m", "700", folder.path])
        _ = try startKeeper(of: folder)
        let data = folder.appending(path: "template")
        try await unprivileged(
            ["initdb", "-D", data.path, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-A", "trust"])
        let access = """
            local all,replication postgres trust
            host all all 127.0.0.1/32 scram-sha-256
            host replication all 127.0.0.1/32 scram-sha-256
            """
        try access.write(to: data.appending(path: "pg_hba.conf"), atomically: false, encoding: .utf8)
        // By a server for one user, without a port: it ends with its input.
        try await unprivileged([
            "sh", "-c",
            "echo \"CREATE ROLE \(role) LOGIN CREATEDB PASSWORD '\(password)'\" | postgres --single -D \(data.path) postgres",
        ])
        return data
    }

    /// Ends the server and removes the folder when this process has ended.
    private static func startKeeper(of folder: URL) throws -> Int32 {
        try startKeeperProcess(
            """
            server=$(head -n 1 '\(folder.path)/data/postmaster.pid')
            if [ -n "$server" ]; then
                kill -QUIT $server && kill -CONT $server $(cat /proc/$server/task/$server/children)
                tail --pid=$server -f /dev/null
            fi
            pooler=$(cat '\(folder.path)/pooler.pid') && kill -QUIT $pooler
            mountpoint -q '\(folder.path)/data' && umount '\(folder.path)/data'
            rm -rf '\(folder.path)'
            """)
    }

    @discardableResult
    private static func unprivileged(
        _ words: [String], with variables: [String: String] = [:]
    ) async throws -> String {
        try await onThread { try run(words, with: variables) }
    }

    /// PostgreSQL's programs refuse to be run by root.
    private static func run(_ words: [String], with variables: [String: String] = [:]) throws -> String {
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "\(programs):\(environment["PATH"] ?? "/usr/bin:/bin"):/usr/sbin"
        environment["LC_ALL"] = "C.UTF-8"
        // What a sanitizer has loaded into this program is not for others.
        environment["LD_PRELOAD"] = nil
        environment.merge(variables) { _, own in own }
        let user = geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : []
        return try runCommand(user + words, environment: environment)
    }
}
