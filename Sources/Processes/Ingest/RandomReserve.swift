import Crypto
import Synchronization

/// Unpredictable bits, fetched many at a time: each fetch takes locks of the library and a pass of its generator,
/// however few bits it is for, and a request needs some several times.
final class RandomReserve: Sendable {
    private static let size = 4096
    private let state = Mutex<(bytes: [UInt8], taken: Int)>(([], 0))

    /// 64 bits, given out once.
    func word() -> UInt64 {
        take(MemoryLayout<UInt64>.size) { bytes in
            bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        }
    }

    /// Bytes, given out once.
    func bytes(_ count: Int) -> [UInt8] {
        guard count <= Self.size else { return randomBytes(count) }
        return take(count) { Array($0) }
    }

    private func take<Value: Sendable>(_ count: Int, _ read: (ArraySlice<UInt8>) -> Value) -> Value {
        state.withLock { state in
            if state.bytes.count - state.taken < count { state = (randomBytes(Self.size), 0) }
            defer { state.taken += count }
            return read(state.bytes[state.taken..<state.taken + count])
        }
    }
}
