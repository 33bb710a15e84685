import Testing

@testable import CRM

@Suite("The kinds of connections") struct ConnectionKindsTests {
    @Test("a kind is looked for until it is known, and not again")
    func once() {
        let kinds = ConnectionKinds()
        var asked = 0
        #expect(
            kinds.kind(of: "c1") {
                asked += 1
                return nil
            } == nil)
        for _ in 0..<2 {
            let kind = kinds.kind(of: "c1") {
                asked += 1
                return "hubspot"
            }
            #expect(kind == "hubspot")
        }
        #expect(asked == 2)
        kinds.note("other", of: "c2")
        #expect(kinds.kind(of: "c2") { nil } == "other")
    }
}
