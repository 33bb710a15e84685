import Glibc
import Limiter
import RateLimit

/// Our limiter: the one in this process, as it is in an ingest process.
struct OurLimits: LimitDecider {
    let limiter: Limiter
    let limits: [LimitTerms]

    /// Limits that nobody has used before.
    init(_ limiter: Limiter, limit: Int, tokens: Int) {
        self.limiter = limiter
        limits = (0..<tokens).map { _ in
            LimitTerms(
                id: LimitID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)),
                configured: VersionedLimit(limit: limit, version: 1))
        }
    }

    func decide(_ token: Int, lane: Int) async -> LimitDecision {
        switch await limiter.permit(of: limits[token]).verdict {
        case .granted: .granted
        case .unavailable: .unavailable
        default: .refused
        }
    }
}

/// A script in Redis. Keys and numbers have a fixed width, so that building a command costs next to nothing.
struct RedisDecider: LimitDecider {
    private let client: RedisClient
    private let head: [UInt8]
    private let limit: [UInt8]

    init(_ client: RedisClient, _ limits: RedisLimits, limit: Int) async {
        self.client = client
        guard case .text(let digest) = await client.call("SCRIPT", "LOAD", limits.script) else {
            fatalError("Redis does not take the script of \(limits.rawValue)")
        }
        head = Array("*6\r\n$7\r\nEVALSHA\r\n$40\r\n\(digest)\r\n$1\r\n1\r\n".utf8)
        self.limit = Array("$\("\(limit)".utf8.count)\r\n\(limit)\r\n".utf8)
    }

    func decide(_ token: Int, lane: Int) async -> LimitDecision {
        var command = [UInt8]()
        command.reserveCapacity(head.count + limit.count + 48)
        command += head
        Self.append(token, &command)
        command += limit
        // No two requests have the same number: a lane, and an instant.
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        Self.append((time.tv_sec % 10_000 * 1_000_000_000 + time.tv_nsec) * 128 + lane, &command)
        switch await client.call(command, on: lane) {
        case .integer(1): return .granted
        case .integer: return .refused
        case let other: fatalError("Redis: \(other)")
        }
    }

    private static func append(_ number: Int, _ bytes: inout [UInt8]) {
        bytes += [0x24, 0x31, 0x36, 0x0D, 0x0A]
        var left = number
        let start = bytes.count
        bytes += [UInt8](repeating: 0x30, count: 16)
        for place in stride(from: start + 15, through: start, by: -1) where left > 0 {
            bytes[place] = 0x30 + UInt8(left % 10)
            left /= 10
        }
        bytes += [0x0D, 0x0A]
    }
}
