import Synchronization
import Testing

@testable import Telemetry

@Suite struct MetricsTests {
    @Test("a counter without labels is shown from the start, and counts")
    func counter() {
        let metrics = Metrics()
        let counter = metrics.counter("orders_total", "Orders.")
        #expect(metrics.rendered() == "# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total 0\n")
        counter.add()
        counter.add(41)
        #expect(metrics.rendered().hasSuffix("\norders_total 42\n"))
    }

    @Test("label values are written in their order, escaped")
    func labels() {
        let metrics = Metrics()
        let counter = metrics.counter("refused_total", "a \\ and\na new line", labels: ["reason", "path"])
        counter.add(2, "say \"no\"\n", "C:\\")
        counter.labelled("a", "b").add(3)
        #expect(
            metrics.rendered() == """
                # HELP refused_total a \\\\ and\\na new line
                # TYPE refused_total counter
                refused_total{reason="a",path="b"} 3
                refused_total{reason="say \\"no\\"\\n",path="C:\\\\"} 2

                """)
    }

    @Test("every combination of closed labels is there as 0 from the start, also of a family that is registered again")
    func closedLabels() {
        let metrics = Metrics()
        let states = Label("state", ["done", "dead"])
        let counter = metrics.counter("rows_total", "Rows.", labels: [Label("worker", ["crm"]), states])
        _ = metrics.counter("rows_total", "Rows.", labels: [Label("worker", ["email"]), states])
        _ = metrics.histogram("took_seconds", "Time.", labels: [states], buckets: [1])
        for worker in ["crm", "email"] {
            for state in ["done", "dead"] {
                #expect(metrics.rendered().contains("\nrows_total{worker=\"\(worker)\",state=\"\(state)\"} 0\n"))
            }
        }
        #expect(metrics.rendered().contains("\ntook_seconds_count{state=\"dead\"} 0\n"))
        #expect(metrics.families.allSatisfy { $0.missing.isEmpty && $0.unforeseen.isEmpty && $0.openLabels.isEmpty })
        counter.add(1, "crm", "lost")
        #expect(metrics.families.map(\.unforeseen) == [[["crm", "lost"]], []])
    }

    @Test("a family with an open label shows what was counted, and a gauge that is cleared lacks its series")
    func openLabels() {
        let metrics = Metrics()
        _ = metrics.counter("read_total", "Read.", labels: [Label("topic", ["orders"]), "partition"])
        let gauge = metrics.gauge("depth", "Depth.", labels: [Label("topic", ["orders"])])
        #expect(!metrics.rendered().contains("read_total{"))
        #expect(metrics.families.map(\.openLabels) == [[], ["partition"]])
        gauge.clear()
        #expect(metrics.families.first?.missing == [["orders"]])
    }

    @Test("registering a name again finds the same metric")
    func registeringAgain() {
        let metrics = Metrics()
        metrics.counter("orders_total", "Orders.").add(1)
        metrics.counter("orders_total", "Orders.").add(1)
        #expect(metrics.rendered().hasSuffix("orders_total 2\n"))
    }

    @Test("a histogram's buckets add up, and its count is its last bucket")
    func histogram() {
        let metrics = Metrics()
        let histogram = metrics.histogram("took_seconds", "Time.", labels: ["what"], buckets: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.record(value, "x") }
        histogram.labelled("x").record(.milliseconds(250))
        let text = metrics.rendered()
        #expect(text.contains("took_seconds_bucket{what=\"x\",le=\"0.1\"} 2\n"))
        #expect(text.contains("took_seconds_bucket{what=\"x\",le=\"1\"} 4\n"))
        #expect(text.contains("took_seconds_bucket{what=\"x\",le=\"+Inf\"} 5\n"))
        #expect(text.contains("took_seconds_sum{what=\"x\"} 7.9\n"))
        #expect(text.contains("took_seconds_count{what=\"x\"} 5\n"))
    }

    @Test("a gauge that is read is read at each rendering")
    func readGauge() {
        let metrics = Metrics()
        let gauge = metrics.gauge("depth", "Depth.")
        let depth = Mutex(0.0)
        metrics.beforeRendering { gauge.set(depth.withLock { $0 }) }
        depth.withLock { $0 = 2.5 }
        #expect(metrics.rendered().hasSuffix("depth 2.5\n"))
        depth.withLock { $0 = .infinity }
        #expect(metrics.rendered().hasSuffix("depth +Inf\n"))
    }

    @Test("label values from outside cannot fill the memory: beyond the maximum they are counted together")
    func overflow() {
        let metrics = Metrics()
        let counter = metrics.counter("seen_total", "Seen.", labels: ["who"])
        for who in 0..<(Metrics.seriesMaximum + 5) { counter.add(1, String(who)) }
        #expect(metrics.rendered().contains("seen_total{who=\"overflow\"} 5\n"))
        counter.add(1, "0")
        #expect(metrics.rendered().contains("seen_total{who=\"0\"} 2\n"))
    }

    @Test("counts from several threads at once are all there")
    func threads() async {
        let metrics = Metrics()
        let counter = metrics.counter("n_total", "N.", labels: ["a"])
        let histogram = metrics.histogram("h", "H.", buckets: [1])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { @concurrent in
                    let series = counter.labelled("x")
                    for _ in 0..<10_000 {
                        series.add()
                        histogram.record(2.0)
                    }
                }
            }
        }
        #expect(counter.labelled("x").value == 40_000)
        #expect(metrics.rendered().contains("h_sum 80000\nh_count 40000\n"))
    }

    @Test("the process reports its version, memory and CPU time")
    func process() throws {
        let metrics = Metrics()
        metrics.addProcess(version: "1.2.3", process: "ingest")
        let text = metrics.rendered()
        #expect(text.contains("orderrelay_build_info{version=\"1.2.3\",process=\"ingest\"} 1\n"))
        #expect(text.contains("# TYPE process_cpu_seconds_total counter\n"))
        let resident = try #require(text.firstMatch(of: /\nprocess_resident_memory_bytes (\d+)\n/))
        #expect(Int(resident.1)! > 1_000_000)
        let virtual = try #require(text.firstMatch(of: /\nprocess_virtual_memory_bytes (\d+)\n/))
        #expect(Int(virtual.1)! > Int(resident.1)!)
        let most = try #require(text.firstMatch(of: /\nprocess_max_fds (\d+|\+Inf)\n/))
        #expect(most.1 == "+Inf" || Int(most.1)! > 10)
        let open = try #require(text.firstMatch(of: /\nprocess_open_fds (\d+)\n/))
        #expect((3...10_000).contains(Int(open.1)!))
    }
}
