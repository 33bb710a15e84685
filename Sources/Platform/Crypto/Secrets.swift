import CCrypto

/// Whether two byte strings are the same, in a time that depends on their length only.
public func isEqualInConstantTime(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
    guard one.count == other.count else { return false }
    guard let start = one.baseAddress, let otherStart = other.baseAddress else { return true }
    return CRYPTO_memcmp(start, otherStart, one.count) == 0
}

/// Unpredictable bytes from the operating system's generator.
public func randomBytes(_ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
        precondition(RAND_bytes(output.baseAddress, Int32(count)) == 1, "libcrypto has no random bytes to give")
        initialized = count
    }
}
