import Telemetry
import Testing

@testable import Tracing

/// The form on the wire; that a real collector reads it the same way is shown in `Tests/Integration`.
@Suite("OTLP's JSON form") struct OTLPTests {
    private let service = TracedService(name: "ingest", version: "0.1.0", instance: "a1b2")

    private func text(_ spans: [Span]) -> String {
        String(decoding: OTLPRequest.body(spans, of: service), as: UTF8.self)
    }

    private func wrapped(_ spans: String) -> String {
        #"{"resourceSpans":[{"resource":{"attributes":["#
            + #"{"key":"service.name","value":{"stringValue":"ingest"}},"#
            + #"{"key":"service.version","value":{"stringValue":"0.1.0"}},"#
            + #"{"key":"service.instance.id","value":{"stringValue":"a1b2"}}]},"#
            + #""scopeSpans":[{"scope":{"name":"orderrelay","version":"0.1.0"},"spans":[\#(spans)]}]}]}"#
    }

    @Test("ids are hexadecimal, times and integers are strings, enumerations are numbers")
    func whole() {
        let span = Span(
            context: example, parent: 0x0123, link: TraceContext(traceparent: example.traceparent), name: "POST \"x\"",
            kind: .server, startedAt: 1_700_000_000_000_000_001, endedAt: 1_700_000_000_000_000_002,
            attributes: [.httpStatus(503), .partition(7), .offset(9_007_199_254_740_993), .errorType("503")],
            isFailed: true)
        let expected =
            #"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","#
            + #""parentSpanId":"0000000000000123","flags":1,"name":"POST \"x\"","kind":2,"#
            + #""startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000002","attributes":["#
            + #"{"key":"http.response.status_code","value":{"intValue":"503"}},"#
            + #"{"key":"messaging.destination.partition.id","value":{"stringValue":"7"}},"#
            + #"{"key":"messaging.kafka.offset","value":{"intValue":"9007199254740993"}},"#
            + #"{"key":"error.type","value":{"stringValue":"503"}}],"#
            + #""links":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}],"#
            + #""status":{"code":2}}"#
        #expect(text([span]) == wrapped(expected))
    }

    @Test("a root has no parent, and what did not fail has no status")
    func least() {
        let least =
            #"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","flags":1,"name":"a","kind":1,"#
            + #""startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[]}"#
        #expect(text([span("a")]) == wrapped(least))
        #expect(text([span("a"), span("a")]) == wrapped("\(least),\(least)"))
    }

    @Test(
        "what the collector has not taken, in either form of a number; an answer that cannot be read says nothing",
        arguments: [
            (#"{"partialSuccess":{}}"#, 0, nil), (#"{}"#, 0, nil), ("", 0, nil), ("<html>", 0, nil),
            (#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}"#, 3, "too old"),
            (#"{"more":[1],"partialSuccess":{"rejectedSpans":2,"other":{}}}"#, 2, nil),
            (#"{"partialSuccess":{"rejectedSpans":"-5","errorMessage":""}}"#, 0, nil),
            (#"{"partialSuccess":{"rejectedSpans":"many"}}"#, 0, nil),
            (#"{"partialSuccess":{"rejectedSpans":"3"}"#, 0, nil),
        ] as [(String, Int, String?)])
    func answers(body: String, rejected: Int, message: String?) {
        let answer = OTLPAnswer(Array(body.utf8))
        #expect(answer.rejected == rejected && answer.message == message)
    }
}
