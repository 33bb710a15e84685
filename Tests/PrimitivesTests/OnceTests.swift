import Primitives
import Synchronization
import Testing

@Suite struct OnceTests {
    @Test("the first value holds, for who waits and for who asks later")
    func first() async {
        let once = Once<Int>()
        #expect(once.given == nil)
        async let one = once.value
        async let other = once.value
        #expect(once.give(1))
        #expect(!once.give(2))
        #expect(await [one, other] == [1, 1])
        #expect(await once.value == 1)
        #expect(once.given == 1)
    }

    @Test("a listener is called once, also where it comes late")
    func listeners() {
        let once = Once<String>()
        let heard = Mutex<[String]>([])
        once.then { value in heard.withLock { $0.append("early \(value)") } }
        once.give("a")
        once.give("b")
        once.then { value in heard.withLock { $0.append("late \(value)") } }
        #expect(heard.withLock { $0 } == ["early a", "late a"])
    }

    @Test("who waits for a while only goes on without, and is not called afterwards")
    func deadline() async {
        let once = Once<Void>()
        #expect(await !once.wait(atMost: .milliseconds(5)))
        #expect(!once.isOpen)
        async let waits = once.wait(atMost: .seconds(60))
        once.open()
        #expect(await waits)
        #expect(await once.wait(atMost: .zero))
    }

    @Test("of many threads that give at once one is the first", arguments: 0..<20)
    func race(_: Int) async {
        let once = Once<Int>()
        let wins = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 { group.addTask { once.give(number) } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(wins == 1)
    }
}
