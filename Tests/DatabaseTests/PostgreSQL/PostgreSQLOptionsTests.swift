import Testing

@testable import Database

@Suite("Options of PostgreSQL") struct PostgreSQLOptionsTests {
    private func split(_ connections: Int) -> [Int] {
        let options = PostgreSQLOptions(name: "test", connections: connections)
        return [Line.reading, .bulk, .brisk].map(options.bound)
    }

    @Test("the connections of a process are split as its documentation says")
    func split() {
        #expect(split(3) == [1, 1, 1])
        #expect(split(4) == [1, 1, 2])
        #expect(split(12) == [3, 4, 5])
        #expect(split(100) == [25, 37, 38])
    }

    @Test(
        "whatever their number, all are given out and each line has one", arguments: PostgreSQLOptions.connectionsRange)
    func whole(connections: Int) {
        let split = split(connections)
        #expect(split.reduce(0, +) == connections && split.allSatisfy { $0 >= 1 })
    }
}
