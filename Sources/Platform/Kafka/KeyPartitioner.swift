/// The partition that a record with a key goes to, as Kafka's own producers choose it.
///
/// Pure: the same key and number of partitions give the same partition, whichever process asks. The hash, and how its
/// sign is dropped, are those of `Utils.murmur2` and `Utils.toPositive` of Kafka's Java client.
public enum KeyPartitioner {
    /// Values of the property `partitioner` under which a key goes where this says; they differ without a key only.
    static let properties: Set<String> = ["murmur2", "murmur2_random"]

    /// - Parameter count: how many partitions the topic has, at least one.
    public static func partition(ofKey key: [UInt8], among count: Int32) -> Int32 {
        Int32(murmur2(key) & 0x7fff_ffff) % count
    }

    /// MurmurHash2 by Austin Appleby, 32 bits, with the seed that Kafka gives it.
    static func murmur2(_ bytes: [UInt8]) -> UInt32 {
        let (multiplier, seed): (UInt32, UInt32) = (0x5bd1_e995, 0x9747_b28c)
        var hash = seed ^ UInt32(truncatingIfNeeded: bytes.count)
        let tail = bytes.count & ~3
        for start in stride(from: 0, to: tail, by: 4) {
            var word = (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
            word &*= multiplier
            word ^= word >> 24
            word &*= multiplier
            hash = hash &* multiplier ^ word
        }
        if tail < bytes.count {
            for (index, byte) in bytes[tail...].enumerated() { hash ^= UInt32(byte) << (8 * index) }
            hash &*= multiplier
        }
        hash ^= hash >> 13
        hash &*= multiplier
        return hash ^ hash >> 15
    }
}
