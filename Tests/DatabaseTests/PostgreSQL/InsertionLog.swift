import Support
import Testing

@testable import Database

/// Rows with numbers, inserted through whatever happens, and what was said of each.
final class InsertionLog: Sendable {
    static let table = "CREATE TABLE t (id bigint NOT NULL, filler text NOT NULL)"
    /// Each number is inserted so many times by one transaction: one that holds holds whole.
    static let rowsEach = 20

    struct State {
        var next: Int64 = 0
        var confirmed: Set<Int64> = []
        var undone: Set<Int64> = []
        var unknown: Set<Int64> = []
    }
    private let state = Shared(State())
    private let insertion = SQL(
        "INSERT INTO t(id, filler) SELECT v.id, v.filler FROM rows AS v", rows: ["id": .integer, "filler": .text])

    var now: State { state.now }

    /// Inserts one number after another until `isOver`.
    func insert(into database: PostgreSQLDatabase, urgency: Urgency = .brisk, until isOver: Shared<Bool>) async {
        while !isOver.now { await insertOne(into: database, urgency) }
    }

    func insertOne(into database: PostgreSQLDatabase, _ urgency: Urgency = .brisk) async {
        let id = state.change { state in
            state.next += 1
            return state.next
        }
        let rows = Array(
            repeating: [Value.integer(id), .text(String(repeating: "x", count: 500))], count: Self.rowsEach)
        do throws(DatabaseError) {
            _ = try await database.transaction([Statement(insertion, rows: rows)], urgency: urgency)
            state.change { _ = $0.confirmed.insert(id) }
        } catch {
            #expect(error.isRetriable, "\(error)")
            state.change { _ = error.outcome == .unknown ? $0.unknown.insert(id) : $0.undone.insert(id) }
        }
    }

    /// What is there is what was confirmed, whole and once, nothing of what was undone, and some of what nobody knew.
    func check(against database: PostgreSQLDatabase) async throws {
        let rows = try await database.read(Statement("SELECT id, count(*) FROM t GROUP BY id"))
        let counts = Dictionary(uniqueKeysWithValues: rows.map { ($0[0].integer!, $0[1].integer!) })
        #expect(counts.values.allSatisfy { $0 == Int64(Self.rowsEach) })
        let there = Set(counts.keys)
        let state = state.now
        #expect(state.confirmed.isSubset(of: there), "lost: \(state.confirmed.subtracting(there).sorted())")
        #expect(
            there.isDisjoint(with: state.undone), "there though undone: \(there.intersection(state.undone).sorted())")
        #expect(there.isSubset(of: state.confirmed.union(state.unknown)))
    }
}
