import CCurl

/// What the library's result means.
extension Transfer {
    /// The transfer is over with this code.
    func result(_ code: CURLcode, _ handle: UnsafeMutableRawPointer) -> Result<Response, ClientError> {
        guard code == CURLE_OK else { return .failure(error(code, handle)) }
        var answer = answer
        var status = 0
        ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        answer.status = status
        if let text = answer.fields["Retry-After"] { answer.fields["Retry-After"] = retryAfterSeconds(text, handle) }
        return .success(answer)
    }

    /// Seconds stand as they are, the library reads dates; both are clipped, since they come from strangers. nil if it
    /// is neither.
    private func retryAfterSeconds(_ text: String, _ handle: UnsafeMutableRawPointer) -> String? {
        let maximum = Response.retryAfterMaximum.components.seconds
        if !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            // More digits than fit are more than the maximum, too.
            return "\(min(Int64(text) ?? maximum, maximum))"
        }
        guard curl_getdate(text, nil) >= 0 else { return nil }
        var seconds: curl_off_t = 0
        ccurl_get_off(handle, CURLINFO_RETRY_AFTER, &seconds)
        return "\(min(max(0, Int64(seconds)), maximum))"
    }

    /// The transfer was ended from here.
    func ended(_ why: String, code: ClientError.Code = .closed, _ handle: UnsafeMutableRawPointer?) -> ClientError {
        ClientError(code, "\(request.host): \(why)", isOutcomeUnknown: handle.map(isOutcomeUnknown) ?? false)
    }

    private func error(_ code: CURLcode, _ handle: UnsafeMutableRawPointer) -> ClientError {
        if isRefused { return ended("connections to its address are not allowed", code: .refusedAddress, nil) }
        if isTooLarge {
            return ended("the answer is larger than \(request.answerBytesMaximum) bytes", code: .answerTooLarge, handle)
        }
        let why = String(cString: curl_easy_strerror(code))
        return ended("\(why) (curl \(code.rawValue))", code: Self.meaning(of: code), handle)
    }

    /// The request counts as sent with its first byte: what a server does with a part of it cannot be known.
    private func isOutcomeUnknown(_ handle: UnsafeMutableRawPointer) -> Bool {
        guard !request.isSafe else { return false }
        var sent = 0
        ccurl_get_long(handle, CURLINFO_REQUEST_SIZE, &sent)
        return sent > 0
    }

    private static func meaning(of code: CURLcode) -> ClientError.Code {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .invalidRequest
        case CURLE_COULDNT_RESOLVE_HOST: .cannotResolve
        case CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR: .cannotConnect
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: .untrustedCertificate
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND: .closed
        default: .other
        }
    }
}
