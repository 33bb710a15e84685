internal import CLibrdkafka

/// The library's lists of headers.
enum HeaderList {
    /// A list with these headers, to be given to a record: the library then owns it, else the caller destroys it.
    ///
    /// Always a prebuilt list: single headers given to a record of an unknown topic crash librdkafka 2.0.2.
    static func make(_ headers: [RecordHeader]) throws(KafkaError) -> OpaquePointer {
        guard let list = rd_kafka_headers_new(headers.count) else {
            throw KafkaError(.other(0), "no memory for a record's headers")
        }
        for header in headers {
            var name = header.name
            let failure = name.withUTF8 { name in
                header.withValue { value in
                    name.withMemoryRebound(to: CChar.self) {
                        rd_kafka_header_add(list, $0.baseAddress, $0.count, value.baseAddress, value.count)
                    }
                }
            }
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                rd_kafka_headers_destroy(list)
                throw KafkaError(failure, "the header \(header.name) cannot be set")
            }
        }
        return list
    }

    /// The headers of a record that was read.
    static func read(_ message: UnsafePointer<rd_kafka_message_t>) -> [RecordHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
        let count = rd_kafka_header_cnt(list)
        var headers: [RecordHeader] = []
        headers.reserveCapacity(count)
        for index in 0..<count {
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            guard rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name
            else { break }
            headers.append(
                RecordHeader(
                    String(cString: name), [UInt8](UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
                ))
        }
        return headers
    }
}
