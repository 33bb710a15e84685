import Testing

@testable import Telemetry

@Suite struct TraceContextTests {
    let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("the specification's example is read and written back")
    func roundTrip() throws {
        let context = try #require(TraceContext(traceparent: example))
        #expect(context.isSampled)
        #expect(context.traceID.high == 0x4bf9_2f35_77b3_4da6 && context.spanID == 0x00f0_67aa_0ba9_02b7)
        #expect(context.traceparent == example)
        #expect(context.id == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test(
        "what the specification forbids is no trace context",
        arguments: [
            "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        ])
    func refused(text: String) { #expect(TraceContext(traceparent: text) == nil) }

    @Test("a later version's further fields are passed over")
    func laterVersion() {
        #expect(TraceContext(traceparent: "01" + example.dropFirst(2) + "-what-comes") != nil)
    }

    @Test("a child has the same trace and a span of its own; all-zero ids are never made")
    func child() {
        let root = TraceContext { 0 }
        #expect(TraceContext(traceparent: root.traceparent) == root)
        let child = root.child { 7 }
        #expect(child.traceID == root.traceID && child.spanID != root.spanID)
    }
}
