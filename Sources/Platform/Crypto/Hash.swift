import CCrypto
import Synchronization

/// SHA-256 of `bytes`.
public func sha256(_ bytes: [UInt8]) -> Digest { sha256(bytes[...], []) }

/// SHA-256 of two pieces as if they were one.
public func sha256(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> Digest {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Digest.count) { output in
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { Hasher.shared.hash(first, $0, into: output.baseAddress!) }
        }
        return Digest(UnsafeRawBufferPointer(output))
    }
}

/// HMAC-SHA-256.
public func hmacSHA256(_ bytes: [UInt8], key: [UInt8]) -> Digest {
    var length: UInt32 = 0
    // OpenSSL takes a nil key for "the key of the call before": an empty one must have an address.
    let address: [UInt8] = key.isEmpty ? [0] : key
    let digest = [UInt8](unsafeUninitializedCapacity: Digest.count) { output, count in
        let answer = HMAC(
            Hasher.shared.algorithm, address, Int32(key.count), bytes, bytes.count, output.baseAddress, &length)
        precondition(answer != nil && length == UInt32(Digest.count), "libcrypto cannot compute HMAC-SHA-256")
        count = Digest.count
    }
    return Digest(digest)
}

/// SHA-256 with what OpenSSL 3 makes costly done once: fetching the algorithm and allocating a context.
///
/// `@unchecked`: an algorithm may be used by any thread, and each context is held by one thread between two locks.
private final class Hasher: @unchecked Sendable {
    /// Contexts kept for reuse: as many as threads may hash at once on a large machine; more are made and freed.
    static let spareContextsMaximum = 64

    static let shared = Hasher()

    /// Fetched explicitly: an implicit fetch at each call takes locks of the library and half a microsecond.
    let algorithm: OpaquePointer
    private let spare = Mutex<[Context]>([])

    /// A context of OpenSSL, in one pair of hands at a time.
    private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    init() {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("libcrypto offers no SHA-256: its configuration or providers are broken")
        }
        self.algorithm = algorithm
    }

    func hash(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, into output: UnsafeMutablePointer<UInt8>
    ) {
        let context = spare.withLock { $0.popLast() } ?? makeContext()
        var length: UInt32 = 0
        let done =
            EVP_DigestInit_ex2(context.pointer, algorithm, nil) == 1
            && EVP_DigestUpdate(context.pointer, first.baseAddress, first.count) == 1
            && (second.isEmpty || EVP_DigestUpdate(context.pointer, second.baseAddress, second.count) == 1)
            && EVP_DigestFinal_ex(context.pointer, output, &length) == 1
        precondition(done && length == UInt32(Digest.count), "libcrypto cannot compute SHA-256")
        let isKept = spare.withLock { spare in
            guard spare.count < Self.spareContextsMaximum else { return false }
            spare.append(context)
            return true
        }
        if !isKept { EVP_MD_CTX_free(context.pointer) }
    }

    private func makeContext() -> Context {
        guard let pointer = EVP_MD_CTX_new() else { preconditionFailure("libcrypto has no memory for a context") }
        return Context(pointer: pointer)
    }
}
