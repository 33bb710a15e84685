import Crypto
import Synchronization

/// Unpredictable bytes, fetched many at a time: each fetch takes locks of the library and a pass of its generator,
/// however few bytes are asked for, and a request asks for some several times.
final class RandomReserve: Sendable {
    private static let size = 4096
    private let state = Mutex<(bytes: [UInt8], taken: Int)>(([], 0))

    /// Bytes that nobody else gets.
    func bytes(_ count: Int) -> [UInt8] {
        guard count <= Self.size else { return randomBytes(count) }
        return state.withLock { state in
            if state.bytes.count - state.taken < count { state = (randomBytes(Self.size), 0) }
            defer { state.taken += count }
            return Array(state.bytes[state.taken..<state.taken + count])
        }
    }
}
