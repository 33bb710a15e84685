import Synchronization
import Telemetry
import Testing

@Suite struct OutageTests {
    private final class Scene: Sendable {
        private let lines = Mutex<[String]>([])
        private let now = Mutex(ContinuousClock.now)
        var said: [String] { lines.withLock { $0 } }
        func pass(_ time: Duration) { now.withLock { $0 += time } }
        func make() -> Outage {
            let log = Log(process: "test") { line in self.lines.withLock { $0.append(line) } }
            return Outage(saying: "waits", ending: "goes on", log: log) { self.now.withLock { $0 } }
        }
    }

    @Test("a wait is said once, each other reason once, and again after a minute")
    func once() {
        let scene = Scene()
        let outage = scene.make()
        for _ in 0..<10 { outage.goesOn("no broker") }
        outage.goesOn("no topic")
        outage.goesOn("no broker")
        #expect(scene.said.count == 2)
        scene.pass(.seconds(59))
        outage.goesOn("no broker")
        #expect(scene.said.count == 2)
        scene.pass(.seconds(2))
        outage.goesOn("no broker")
        #expect(scene.said.count == 3)
    }

    @Test("its end is said where it was said to begin, with its length")
    func end() {
        let scene = Scene()
        let outage = scene.make()
        outage.ends()
        #expect(scene.said.isEmpty)
        outage.goesOn("no broker")
        scene.pass(.seconds(7))
        outage.ends()
        outage.ends()
        #expect(scene.said.count == 2 && scene.said[1].contains(#""seconds":"7""#))
        outage.goesOn("no broker")
        #expect(scene.said.count == 3)
    }

    @Test("words that change from try to try are one reason, and reasons without end are bounded")
    func reasons() {
        let scene = Scene()
        let outage = scene.make()
        for number in 0..<10 { outage.goesOn("refused after \(number) ms", reason: "refused") }
        #expect(scene.said.count == 1)
        for number in 0..<1_000 { outage.goesOn("reason \(number)") }
        #expect(scene.said.count == 1_001)
    }
}
