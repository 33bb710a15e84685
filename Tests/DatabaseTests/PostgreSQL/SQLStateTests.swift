import Testing

@testable import Database

@Suite("PostgreSQL's codes") struct SQLStateTests {
    @Test(
        "each says what has happened, whether waiting helps, and what is done about it",
        arguments: [
            ("40001", DatabaseError.Code.conflict, true, SQLState.Remedy.runAgain),
            ("40P01", .conflict, true, .runAgain),
            ("55P03", .conflict, true, .none), ("57014", .overloaded, true, .none),
            ("57P01", .unreachable, true, .reconnect), ("57P03", .unreachable, true, .reconnect),
            ("08006", .unreachable, true, .reconnect), ("53300", .unreachable, true, .reconnect),
            ("25006", .unreachable, true, .reconnect), ("25P03", .unreachable, true, .reconnect),
            ("53100", .full, true, .none), ("53200", .full, true, .none), ("28P01", .denied, false, .reconnect),
            ("28000", .denied, false, .reconnect), ("3D000", .denied, false, .reconnect),
            ("42501", .denied, false, .none),
            ("23505", .constraint, false, .none), ("23514", .constraint, false, .none), ("22P02", .data, false, .none),
            ("22012", .data, false, .none), ("54000", .data, false, .none), ("54001", .statement, false, .none),
            ("42P01", .schemaMissing, false, .none), ("42703", .statement, false, .none),
            ("26000", .statement, false, .prepareAgain), ("0A000", .statement, false, .prepareAgain),
            ("42P05", .statement, false, .prepareAgain), ("XX001", .corrupt, false, .none),
            ("XX000", .other, false, .none),
            ("58030", .other, true, .none), ("ZZZZZ", .other, false, .none),
        ])
    func meanings(text: String, code: DatabaseError.Code, isRetriable: Bool, remedy: SQLState.Remedy) {
        let state = SQLState(text)
        #expect(state.code == code && state.isRetriable == isRetriable && state.remedy == remedy)
    }

    @Test("a message has the code, the primary text, the constraint and the table, and no value")
    func messages() {
        let broken = ServerFault(
            state: SQLState("23505"), severity: "ERROR",
            primary: "duplicate key value violates unique constraint \"t_pkey\"", constraint: "t_pkey", table: "t")
        let error = broken.error(doing: "INSERT INTO t …")
        #expect(
            error.message == "duplicate key value violates unique constraint \"t_pkey\", table \"t\" "
                + "(PostgreSQL 23505): INSERT INTO t …")
        #expect(error.constraint == "t_pkey" && error.nativeCode == "23505" && error.outcome == .undone)
        let value = ServerFault(
            state: SQLState("22P02"), severity: "ERROR", primary: "invalid input syntax for type bigint: \"secret\"")
        #expect(value.error(doing: "x").message == "a value is refused (PostgreSQL 22P02): x")
        #expect(!value.endsConnection)
        #expect(ServerFault(state: SQLState("57P01"), severity: "FATAL", primary: "").endsConnection)
        #expect(ServerFault(state: SQLState("42P01"), severity: "FATAL", primary: "").endsConnection)
    }
}
