import Foundation

/// How people limit rates with Redis, in Lua scripts: each is atomic, and reads the server's clock.
enum RedisLimits: String, CaseIterable {
    /// Exact: a sorted set of every admission.
    case slidingLog = "R1 sliding log"
    /// The generic cell rate algorithm: one number per limit.
    case gcra = "R2 GCRA"
    /// A counter a minute.
    case fixedWindow = "R3 fixed window"

    /// KEYS[1]: the limit's name; ARGV[1]: its number; ARGV[2]: a number that no other request has.
    var script: String {
        let clock = "local t = redis.call('TIME'); local now = t[1] * 1000000 + t[2]; local limit = tonumber(ARGV[1]); "
        switch self {
        case .slidingLog:
            return clock
                + """
                redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - 60000000))
                if redis.call('ZCARD', KEYS[1]) >= limit then return 0 end
                redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[2])
                redis.call('PEXPIRE', KEYS[1], 60000)
                return 1
                """
        case .gcra:
            return clock
                + """
                local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + 60000000 / limit
                if tat - now > 60000000 then return 0 end
                redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', math.ceil((tat - now) / 1000))
                return 1
                """
        case .fixedWindow:
            return clock
                + """
                local key = KEYS[1] .. ':' .. math.floor(now / 60000000)
                local count = redis.call('INCR', key)
                if count == 1 then redis.call('PEXPIRE', key, 61000) end
                return count <= limit and 1 or 0
                """
        }
    }
}

/// Debian's `redis-server` on loopback, for the time of a benchmark. It keeps nothing on disk.
final class BenchmarkRedis {
    let port: Int
    private let process = Process()

    init() {
        port = Int.random(in: 20_000...29_999)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
        process.arguments = [
            "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning",
        ]
        process.standardOutput = FileHandle.nullDevice
        do {
            try process.run()
        } catch { fatalError("/usr/bin/redis-server does not start (apt-get install redis-server): \(error)") }
        // It reports its readiness only in a log.
        Thread.sleep(forTimeInterval: 0.5)
        precondition(process.isRunning, "redis-server ended at once: port \(port) is taken")
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    var processID: Int32 { process.processIdentifier }

    /// What all keys take, in bytes, by its own account.
    func memory(_ client: RedisClient) async -> Int {
        guard case .text(let info) = await client.call("INFO", "memory"),
            let line = info.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix("used_memory:") })
        else { return 0 }
        return Int(line.dropFirst("used_memory:".count)) ?? 0
    }
}
