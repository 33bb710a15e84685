import JSON
import Telemetry

/// Who exports: the resource that spans are of (https://opentelemetry.io/docs/specs/semconv/resource/service/).
public struct TracedService: Sendable, Equatable {
    public var name: String
    public var version: String
    /// Another one for each start.
    public var instance: String

    public init(name: String, version: String, instance: String) {
        self.name = name
        self.version = version
        self.instance = instance
    }
}

/// An export request in OTLP's JSON form (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids are
/// hexadecimal, 64-bit numbers are strings, and enumerations are numbers.
public enum OTLPRequest {
    /// The instrumentation scope of all spans.
    private static let scope = "orderrelay"
    /// `STATUS_CODE_ERROR`. A span that did not fail has no status.
    private static let failed: Int64 = 2
    /// What a span needs, roughly: room is made once.
    private static let spanBytes = 700

    /// The body of a request with these spans.
    public static func body(_ spans: [Span], of service: TracedService) -> [UInt8] {
        var json = JSONWriter(capacity: 512 + spans.count * spanBytes)
        json.object { json in
            json.key("resourceSpans")
            json.array { json in
                json.object { json in
                    json.key("resource")
                    json.object { json in
                        json.key("attributes")
                        json.array { json in
                            json.attribute("service.name", .text(service.name))
                            json.attribute("service.version", .text(service.version))
                            json.attribute("service.instance.id", .text(service.instance))
                        }
                    }
                    json.key("scopeSpans")
                    json.array { json in
                        json.object { json in
                            json.key("scope")
                            json.object { json in
                                json.member("name", scope)
                                json.member("version", service.version)
                            }
                            json.key("spans")
                            json.array { json in
                                for span in spans { json.span(span) }
                            }
                        }
                    }
                }
            }
        }
        return json.bytes
    }

    fileprivate static func write(_ span: Span, to json: inout JSONWriter) {
        json.object { json in
            json.context(span.context)
            if let parent = span.parent { json.member("parentSpanId", TraceContext.text(ofSpan: parent)) }
            json.key("flags")
            json.int64(span.context.isSampled ? 1 : 0)
            json.member("name", span.name)
            json.key("kind")
            json.int64(Int64(span.kind.rawValue))
            json.member("startTimeUnixNano", String(span.startedAt))
            json.member("endTimeUnixNano", String(span.endedAt))
            json.key("attributes")
            json.array { json in
                for attribute in span.attributes { json.attribute(attribute.key, attribute.value) }
            }
            if let link = span.link {
                json.key("links")
                json.array { json in json.object { json in json.context(link) } }
            }
            guard span.isFailed else { return }
            json.key("status")
            json.object { json in
                json.key("code")
                json.int64(failed)
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func span(_ span: Span) { OTLPRequest.write(span, to: &self) }

    fileprivate mutating func context(_ context: TraceContext) {
        member("traceId", context.id)
        member("spanId", TraceContext.text(ofSpan: context.spanID))
    }

    fileprivate mutating func attribute(_ key: StaticString, _ value: SpanAttribute.Value) {
        object { json in
            json.key("key")
            json.string("\(key)")
            json.key("value")
            json.object { json in
                switch value {
                case .text(let text): json.member("stringValue", text)
                case .integer(let number): json.member("intValue", String(number))
                }
            }
        }
    }
}
