import CMicrohttpd
import Glibc

/// The head of a request as the library gives it, read and inspected in one pass.
struct IncomingHead {
    private(set) var path = ""
    private(set) var fields: HeaderFields = [:]
    private(set) var query: [(name: String, value: String)] = []
    private(set) var inspection = HeadInspection()
    private(set) var fault: HeadInspection.Fault?

    init(_ handle: OpaquePointer, url: UnsafePointer<CChar>, query: IncomingQuery?, scratch: inout HeadScratch) {
        setPath(String(cString: url))
        query?.forEachPair { pairCame($0, $1) }
        scratch.removeAll()
        withUnsafeMutablePointer(to: &self) { head in
            withUnsafeMutablePointer(to: &scratch) { scratch in
                var walk = Walk(head: head, scratch: scratch)
                _ = cmhd_head_fields(handle, onHeadField, &walk)
            }
        }
        inspection.end()
        fields = scratch.fields
    }

    private mutating func setPath(_ url: String) {
        if url.utf8.first == UInt8(ascii: "/") || url == "*" {
            path = url
        } else if url.hasPrefix("http://") || url.hasPrefix("https://") {
            // The absolute form, as proxies send it (RFC 9112, 3.2.2): what follows the third slash.
            let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
            path = parts.count == 4 ? "/" + parts[3] : "/"
        } else {
            fault = .init(status: 400, reason: "the request's target is not a path")
        }
    }

    private mutating func pairCame(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        guard let name = PercentEncoding.decode(name, plusIsSpace: true),
            let value = PercentEncoding.decode(value, plusIsSpace: true)
        else {
            fault = .init(status: 400, reason: "a percent sign in the query is not followed by two hexadecimal digits")
            return
        }
        query.append((name, value))
    }

    fileprivate mutating func fieldCame(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        inspection.visit(name, value)
    }

    /// What the walk through the library's list carries along.
    fileprivate struct Walk {
        let head: UnsafeMutablePointer<IncomingHead>
        let scratch: UnsafeMutablePointer<HeadScratch>
    }
}

private func onHeadField(
    _ context: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameCount: Int,
    _ value: UnsafePointer<CChar>?, _ valueCount: Int
) -> MHD_Result {
    guard let context, let name else { return cmhd_yes }
    let walk = context.assumingMemoryBound(to: IncomingHead.Walk.self).pointee
    let nameBytes = UnsafeRawBufferPointer(start: name, count: nameCount).assumingMemoryBound(to: UInt8.self)
    let valueBytes = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueCount)
        .assumingMemoryBound(to: UInt8.self)
    // Inspected as the library has it, for what decides where the body ends; kept without trailing spaces.
    walk.head.pointee.fieldCame(nameBytes, valueBytes)
    walk.scratch.pointee.append(nameBytes, withoutTrailingSpace(valueBytes))
    return cmhd_yes
}

/// Spaces after a field's value are not part of it (RFC 9110, 5.5); the library removes only those before it.
private func withoutTrailingSpace(_ value: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var count = value.count
    while count > 0, value[count - 1] == 0x20 || value[count - 1] == 0x09 { count -= 1 }
    return UnsafeBufferPointer(rebasing: value[..<count])
}

/// Memory in which a head's fields are gathered as ``HeaderFields`` has them, kept from one request to the next, so
/// that each costs one allocation of the right size.
struct HeadScratch: ~Copyable {
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    private var count = 0

    deinit { memory.deallocate() }

    mutating func removeAll() { count = 0 }

    mutating func append(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        let size = HeaderFields.size(name.count, value.count)
        if memory.count - count < size { grow(to: max(2 * memory.count, count + size)) }
        HeaderFields.write(name, value, to: UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + size]))
        count += size
    }

    var fields: HeaderFields { HeaderFields(encoded: UnsafeRawBufferPointer(rebasing: memory[..<count])) }

    private mutating func grow(to size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = larger
    }
}
