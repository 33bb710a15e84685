/// An HTTP client on libcurl's multi interface, one driving thread, by the rules of DESIGN §11.
///
/// Ends when it is released.
public final class Client: Sendable {
    private let driver: ClientDriver

    /// - Parameters:
    ///   - connectionsMaximum: how many requests are under way at once; further ones wait, within their timeout.
    ///   - caFile: certificates to trust instead of the system's.
    ///   - addressGuard: decides on every address before a connection is made to it, and on every connection before a
    ///     request goes over it; false ends the request with ``ClientError/Code/refusedAddress``. nil allows every
    ///     address. For addresses given by strangers use ``IPAddress/isPublic``.
    public init(
        connectionsMaximum: Int = 64, caFile: String? = nil, addressGuard: (@Sendable (IPAddress) -> Bool)? = nil
    ) {
        driver = ClientDriver(
            TransferSettings(caFile: caFile, addressGuard: addressGuard), transfersMaximum: connectionsMaximum)
        driver.start()
    }

    deinit { driver.close() }

    /// Sends a request and returns the answer, whatever its status; redirects are not followed. Cancelling the task
    /// ends the transfer.
    ///
    /// An answer's `Retry-After` is in seconds even if it was sent as a date; see ``Response/retryAfter``.
    ///
    /// - Throws: ``ClientError`` if there is no answer; ``ClientError/isOutcomeUnknown`` says whether the server may
    ///   have acted.
    public func send(_ request: ClientRequest) async throws(ClientError) -> Response {
        if let fault = request.fault { throw ClientError(.invalidRequest, fault, isOutcomeUnknown: false) }
        let transfer = Transfer(request)
        let result: Result<Response, ClientError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.begin(continuation)
                driver.submit(transfer)
                // A task that was cancelled before asked for the end of what had not been submitted.
                if Task.isCancelled { driver.cancel(transfer) }
            }
        } onCancel: {
            driver.cancel(transfer)
        }
        return try result.get()
    }

    /// Ends the transfers under way with ``ClientError/Code/closed``.
    public func close() { driver.close() }
}

extension Response {
    /// The longest wait accepted from a server's `Retry-After`.
    public static let retryAfterMaximum = Duration.seconds(86_400)

    /// How long the server asks to wait (0 to ``retryAfterMaximum``); nil if it does not say.
    public var retryAfter: Duration? {
        guard let seconds = fields["Retry-After"].flatMap({ Int($0) }) else { return nil }
        return min(max(.zero, .seconds(seconds)), Self.retryAfterMaximum)
    }
}
