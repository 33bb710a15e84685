extension SQLiteDatabase {
    public func checkUp() async throws(DatabaseError) -> DatabaseCheckUp {
        let version = try await read(Statement("SELECT sqlite_version()")).first?[0].text ?? ""
        return DatabaseCheckUp(name: "SQLite \(version), \(path)")
    }
}
