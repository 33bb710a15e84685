internal import Glibc

extension UnsafeMutableRawPointer {
    /// A copy of `bytes` that C code will free.
    static func allocateForC(_ bytes: [UInt8]) -> UnsafeMutableRawPointer? {
        guard let copy = malloc(max(bytes.count, 1)) else { return nil }
        bytes.withUnsafeBytes { if let base = $0.baseAddress { memcpy(copy, base, bytes.count) } }
        return copy
    }
}
