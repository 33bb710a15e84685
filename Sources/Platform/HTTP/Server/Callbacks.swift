import CMicrohttpd
import Glibc

// What the library calls, on the loop thread. Plain functions, since that thread is not one of Swift's.

private func loop(_ context: UnsafeMutableRawPointer?) -> ServerLoop? {
    context.map { Unmanaged<ServerLoop>.fromOpaque($0).takeUnretainedValue() }
}

/// A connection begins or ends.
func onConnection(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
    _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_ConnectionNotificationCode
) {
    guard let loop = loop(context), let handle, let own else { return }
    if cmhd_has_started(code) != 0 {
        let connection = Connection(handle, loop: loop)
        loop.append(connection)
        own.pointee = Unmanaged.passRetained(connection).toOpaque()
    } else if let pointer = own.pointee {
        loop.remove(Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue())
        own.pointee = nil
    }
}

/// A request's target has come, before the library reads it.
func onTarget(_ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ handle: OpaquePointer?)
    -> UnsafeMutableRawPointer?
{
    guard let handle, let pointer = cmhd_connection_context(handle) else { return nil }
    let connection = Unmanaged<Connection>.fromOpaque(pointer).takeUnretainedValue()
    // Also without a target: what an earlier request left points at memory that is cleared by now.
    connection.query = target.flatMap(IncomingQuery.init(takenFrom:))
    // Nothing of the request's own is made yet.
    return nil
}

/// A request's head, a piece of its body, its end; and each again after a suspension.
func onRequest(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ bytes: UnsafePointer<CChar>?,
    _ count: UnsafeMutablePointer<Int>?, _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let own, let count else { return cmhd_no }
    if let pointer = own.pointee {
        let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
        let piece = UnsafeRawBufferPointer(start: bytes, count: count.pointee)
        count.pointee = 0
        return exchange.handle(piece)
    }
    guard let loop = loop(context), let handle, let url, let method else { return cmhd_no }
    return begin(loop, handle, url, method, own)
}

private func begin(
    _ loop: ServerLoop, _ handle: OpaquePointer, _ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>,
    _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>
) -> MHD_Result {
    guard let pointer = cmhd_connection_context(handle) else { return cmhd_no }
    let connection = Unmanaged<Connection>.fromOpaque(pointer).takeUnretainedValue()
    let incoming = IncomingHead(handle, url: url, query: connection.query.take(), scratch: &loop.scratch)
    let head = RequestHead(
        method: Method(bytes: UnsafeBufferPointer(start: method, count: strlen(method))), path: incoming.path,
        query: incoming.query, fields: incoming.fields, peer: connection.peer, arrivedAt: loop.instant)
    let inspection = incoming.inspection
    let exchange = Exchange(head: head, inspection: inspection, connection: connection, loop: loop)
    connection.exchange = exchange
    connection.clearDeadline()
    loop.exchangesUnderWay += 1
    own.pointee = Unmanaged.passRetained(exchange).toOpaque()
    if let fault = inspection.fault ?? incoming.fault { return exchange.refuseHead(fault) }
    loop.begin(exchange)
    return exchange.headCame()
}

/// The library has sent the answer, or has lost the connection.
func onCompleted(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
    _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_RequestTerminationCode
) {
    guard let own, let pointer = own.pointee, let loop = loop(context) else { return }
    own.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
    loop.exchangesUnderWay -= 1
    exchange.completed()
}

/// Addresses stay as they came: the router decodes them, segment by segment.
func keepEscaped(_ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ text: UnsafeMutablePointer<CChar>?)
    -> Int
{
    text.map { strlen($0) } ?? 0
}
