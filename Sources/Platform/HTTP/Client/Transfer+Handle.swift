import CCurl

/// The settings of a transfer's handle, by the rules of DESIGN §11.
extension Transfer {
    func setUp(_ handle: UnsafeMutableRawPointer, _ settings: TransferSettings, remaining: Duration) {
        addressGuard = settings.addressGuard
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_str(handle, CURLOPT_URL, request.url)
        ccurl_set_str(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_str(handle, CURLOPT_PROXY, "")
        ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, Int(remaining / .milliseconds(1))))
        // A resolver that hangs must not hold the driving thread when its handle goes.
        ccurl_set_long(handle, CURLOPT_QUICK_EXIT, 1)
        // Where HTTP/2 may come of it, a request waits for the connection that is being made. A plain server speaks
        // HTTP/1.1: there it would wait for another's answer, and one that hangs would hold all who began with it.
        ccurl_set_long(handle, CURLOPT_PIPEWAIT, request.url.prefix(6).lowercased() == "https:" ? 1 : 0)
        ccurl_set_long(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        ccurl_set_str(handle, CURLOPT_ACCEPT_ENCODING, "")
        setUpTrust(handle, settings)
        setUpMethod(handle)
        setUpFields(handle)
        setUpGuard(handle, context)
        ccurl_set_ptr(handle, CURLOPT_PRIVATE, context)
        ccurl_set_rw(handle, CURLOPT_WRITEFUNCTION, onAnswerBytes)
        ccurl_set_ptr(handle, CURLOPT_WRITEDATA, context)
        ccurl_set_rw(handle, CURLOPT_HEADERFUNCTION, onAnswerLine)
        ccurl_set_ptr(handle, CURLOPT_HEADERDATA, context)
    }

    private func setUpTrust(_ handle: UnsafeMutableRawPointer, _ settings: TransferSettings) {
        ccurl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
        ccurl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
        // A folder of certificates, Debian's default, turns the cache of the parsed ones off: 30 to 55 ms a connection.
        ccurl_set_str(handle, CURLOPT_CAPATH, nil)
        if let caFile = settings.caFile { ccurl_set_str(handle, CURLOPT_CAINFO, caFile) }
    }

    private func setUpMethod(_ handle: UnsafeMutableRawPointer) {
        switch request.method {
        case .get where request.body.isEmpty: ccurl_set_long(handle, CURLOPT_HTTPGET, 1)
        case .head: ccurl_set_long(handle, CURLOPT_NOBODY, 1)
        default:
            // The body by a read function without a seek function: when a kept connection was closed under the request,
            // the library cannot rewind, and must not send it a second time unasked.
            ccurl_set_long(handle, CURLOPT_POST, 1)
            ccurl_set_off(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            ccurl_set_rw(handle, CURLOPT_READFUNCTION, onBodyWanted)
            ccurl_set_ptr(handle, CURLOPT_READDATA, Unmanaged.passUnretained(self).toOpaque())
            ccurl_set_str(handle, CURLOPT_CUSTOMREQUEST, request.method.name)
            // Nothing was read of an empty body, so it would repeat that silently: only on a connection of its own.
            if request.body.isEmpty, !request.isSafe { ccurl_set_long(handle, CURLOPT_FRESH_CONNECT, 1) }
        }
    }

    private func setUpFields(_ handle: UnsafeMutableRawPointer) {
        var list: UnsafeMutablePointer<curl_slist>?
        request.fields.forEach { name, value in
            let name = String(decoding: name, as: UTF8.self)
            let value = String(decoding: value, as: UTF8.self)
            // "Name;" is the library's spelling of a field with an empty value.
            list = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        // The library's own additions: a media type nobody gave, and a wait for 100 Continue.
        if request.fields["Content-Type"] == nil { list = curl_slist_append(list, "Content-Type:") }
        if request.fields["Expect"] == nil { list = curl_slist_append(list, "Expect:") }
        if request.fields["User-Agent"] == nil { list = curl_slist_append(list, "User-Agent: OrderRelay") }
        fieldList = list
        ccurl_set_slist(handle, CURLOPT_HTTPHEADER, list)
    }

    private func setUpGuard(_ handle: UnsafeMutableRawPointer, _ context: UnsafeMutableRawPointer) {
        guard addressGuard != nil else { return }
        ccurl_set_opensocket(handle, onSocketWanted)
        ccurl_set_ptr(handle, CURLOPT_OPENSOCKETDATA, context)
        ccurl_set_prereq(handle, onConnectionChosen)
        ccurl_set_ptr(handle, CURLOPT_PREREQDATA, context)
    }
}

// MARK: - What the library calls; top-level functions, on the driving thread.

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private func onAnswerBytes(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    let isTaken = transfer(context)?.bodyCame(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? false
    // Any other number than all of them ends the transfer with error 23.
    return isTaken ? size * count : -1
}

private func onAnswerLine(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    let isTaken = transfer(context)?.lineCame(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? false
    return isTaken ? size * count : -1
}

private func onBodyWanted(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    transfer(context)?.readBody(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
}

/// Every address before a connection to it is tried.
private func onSocketWanted(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let transfer = transfer(context), let address, let isAllowed = transfer.addressGuard else { return -1 }
    let found = withUnsafePointer(to: &address.pointee.addr) { IPAddress($0) }
    guard let found, isAllowed(found) else {
        transfer.isRefused = true
        return -1
    }
    return ccurl_open_socket(address)
}

/// Every request before it goes over a connection, a kept one too.
private func onConnectionChosen(
    _ context: UnsafeMutableRawPointer?, _ remote: UnsafeMutablePointer<CChar>?, _ local: UnsafeMutablePointer<CChar>?,
    _ remotePort: Int32, _ localPort: Int32
) -> Int32 {
    guard let transfer = transfer(context), let remote, let isAllowed = transfer.addressGuard else {
        return CURL_PREREQFUNC_ABORT
    }
    if let address = IPAddress(String(cString: remote)), isAllowed(address) { return CURL_PREREQFUNC_OK }
    transfer.isRefused = true
    return CURL_PREREQFUNC_ABORT
}
