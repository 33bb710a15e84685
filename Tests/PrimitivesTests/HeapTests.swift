import Primitives
import Testing

@Suite struct HeapTests {
    @Test("what is taken out comes in order, whatever went in between", arguments: 0..<50)
    func order(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % 100
        }
        var heap = Heap<Int>()
        var plain: [Int] = []
        for _ in 0..<500 {
            if next() < 60 {
                let number = next()
                heap.insert(number)
                plain.append(number)
            } else {
                let least = plain.indices.min { plain[$0] < plain[$1] }
                #expect(heap.first == least.map { plain[$0] })
                #expect(heap.popFirst() == least.map { plain.remove(at: $0) })
            }
            #expect(heap.count == plain.count)
        }
        while let number = heap.popFirst() {
            let least = plain.indices.min { plain[$0] < plain[$1] }!
            #expect(number == plain.remove(at: least))
        }
        #expect(plain.isEmpty)
    }
}
