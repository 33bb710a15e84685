import CLibpq
import Glibc
import Primitives

extension PostgreSQLConnection {
    /// Connects to the first of the hosts that lets this program in and takes what it writes. Blocks: the names are
    /// resolved, and each of their addresses has its time to answer.
    ///
    /// - Throws: ``DatabaseError/Code/denied`` where one refuses, ``DatabaseError/Code/unreachable`` where none answers.
    static func connect(
        to address: PostgreSQLAddress, as name: String, line: Line, isPooled: Bool
    ) throws(DatabaseError) -> PostgreSQLConnection {
        var failures: [DatabaseError] = []
        for host in address.hosts {
            for place in places(of: host) {
                do throws(DatabaseError) {
                    let keywords = address.keywords(
                        for: host, at: place, name: name, options: isPooled ? nil : SessionSettings.settings(for: line),
                        isReading: line == .reading)
                    let handle = try open(keywords, patience: address.connectMilliseconds)
                    let connection = PostgreSQLConnection(handle, isPooled: isPooled, isRemote: host.isRemote)
                    if isPooled { try connection.checkRole(line) }
                    return connection
                } catch {
                    // The others would refuse it as well.
                    if error.code == .denied { throw error.at(address) }
                    failures.append(error)
                }
            }
        }
        guard let last = failures.last else {
            throw DatabaseError(.unreachable, "no host", isRetriable: true).at(address)
        }
        let messages = failures.map(\.message).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        throw DatabaseError(
            last.code, messages.joined(separator: "; "), isRetriable: last.isRetriable, nativeCode: last.nativeCode
        ).at(address)
    }

    /// The addresses of a host, each of which is tried for as long; nil where libpq finds the place by itself.
    private static func places(of host: PostgreSQLAddress.Host) -> [String?] {
        guard let name = host.name, !name.hasPrefix("/") else { return [nil] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        // What cannot be resolved is told by libpq, in its own words.
        guard getaddrinfo(name, nil, &hints, &found) == 0 else { return [nil] }
        defer { freeaddrinfo(found) }
        return sequence(first: found, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.compactMap { entry in
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let address = entry!.pointee
            let result = getnameinfo(
                address.ai_addr, address.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            return result == 0 ? text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) } : nil
        }
    }

    private static func open(
        _ keywords: [String: String], patience: Int64
    ) throws(DatabaseError) -> OpaquePointer {
        let names = keywords.keys.sorted()
        var nameTexts: [UnsafePointer<CChar>?] = names.map { UnsafePointer(strdup($0)) } + [nil]
        var valueTexts: [UnsafePointer<CChar>?] = names.map { UnsafePointer(strdup(keywords[$0]!)) } + [nil]
        defer { for text in nameTexts + valueTexts { free(UnsafeMutableRawPointer(mutating: text)) } }
        guard let handle = PQconnectStartParams(&nameTexts, &valueTexts, 0) else {
            throw DatabaseError(.other, "no memory for a connection", isRetriable: true)
        }
        // Else errors on the way would come without their codes.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        // Notices are for people at a terminal.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        do throws(DatabaseError) {
            try complete(handle, deadline: MachineClock.monotonic.milliseconds + patience, patience)
            PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
            guard PQserverVersion(handle) >= 150_000 else {
                throw DatabaseError(
                    .denied, "PostgreSQL 15 or newer is needed, this is \(PQserverVersion(handle) / 10_000)",
                    isRetriable: false)
            }
            let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) }
            guard encoding == "UTF8" else {
                throw DatabaseError(
                    .denied, "the database's encoding must be UTF8, not \(encoding ?? "unknown")", isRetriable: false)
            }
            guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
                throw DatabaseError(.unreachable, "the connection was lost", isRetriable: true)
            }
            return handle
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    private static func complete(
        _ handle: OpaquePointer, deadline: Int64, _ patience: Int64
    ) throws(DatabaseError) {
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING else {
                throw failure(String(cString: PQerrorMessage(handle)))
            }
            let events = Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT)
            var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
            let left = max(0, deadline - MachineClock.monotonic.milliseconds)
            let count = poll(&descriptor, 1, Int32(min(left, 1 << 30)))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let place = String(cString: PQhost(handle))
                throw DatabaseError(
                    .unreachable, "\(place) has not answered within \(Double(patience) / 1000) s", isRetriable: true)
            }
            state = PQconnectPoll(handle)
        }
    }

    /// Of a connection that was not made, libpq gives the words alone, with the server's code among them.
    static func failure(_ message: String) -> DatabaseError {
        let extras = ["LOCATION:", "DETAIL:", "HINT:", "CONTEXT:", "\t"]
        let lines = message.split(separator: "\n").filter { line in !extras.contains(where: line.hasPrefix) }
        let words = lines.reduce(into: [Substring]()) { if !$0.contains($1) { $0.append($1) } }
            .joined(separator: "; ")
        guard let match = words.matches(of: #/:  ([0-9A-Z]{5}): /#).last else {
            let isOurs = ["certificate", "SSL was required", "does not support SSL", "channel binding", "no password"]
                .contains { words.contains($0) }
            return DatabaseError(isOurs ? .denied : .unreachable, words, isRetriable: !isOurs)
        }
        let state = SQLState(String(match.1))
        // Only what the settings must mend is told as such; a server that starts, stops or is full is waited for.
        return DatabaseError(
            state.code == .denied ? .denied : .unreachable, words, isRetriable: state.code != .denied,
            nativeCode: state.text)
    }

    /// A pooler refuses settings at the start of a session, so that they must be the role's.
    private func checkRole(_ line: Line) throws(DatabaseError) {
        let names = SessionSettings.limits.map { "'\($0.name)'" }.joined(separator: ", ")
        var none = PreparedStatements(isPreparing: false)
        var script = PipelineScript(none)
        let statement = Statement("SELECT name, setting FROM pg_settings WHERE name IN (\(names))")
        try script.addPlain([statement], &none)
        let deadline = MachineClock.monotonic.milliseconds + PostgreSQLOptions.Patience().read
        let rows: [[Row]]
        do {
            rows = try perform(script, isReading: true, deadline: deadline) { _, _ in statement.excerpt }.endings[0]
                .get()
        } catch { throw error.error }
        var settings: [String: Int64] = [:]
        for row in rows[0] { settings[row[0].text ?? ""] = row[1].text.flatMap(Int64.init) }
        let wrong = SessionSettings.limits.filter { limit in
            !(1...limit.milliseconds).contains(settings[limit.name] ?? 0)
        }
        guard wrong.isEmpty else {
            let role = String(cString: PQuser(handle))
            let commands = wrong.map { "ALTER ROLE \"\(role)\" SET \($0.name) = '\($0.milliseconds / 1000)s'" }
            throw DatabaseError(
                .denied,
                "behind a pooler (DATABASE_POOLER) the role must have its limits: \(commands.joined(separator: "; "))",
                isRetriable: false)
        }
    }
}

extension DatabaseError {
    /// With the address that it is about.
    fileprivate func at(_ address: PostgreSQLAddress) -> DatabaseError {
        DatabaseError(code, "\(address): \(message)", isRetriable: isRetriable, nativeCode: nativeCode)
    }
}
