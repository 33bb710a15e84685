import Testing

@testable import Database

@Suite("PostgreSQL's address") struct PostgreSQLAddressTests {
    @Test("a URL is read as libpq reads it")
    func read() throws {
        let address = try PostgreSQLAddress(
            url: "postgresql://re%40lay:p%3A%2Fss@db1:5433,db2,[::1]:6000/orders?sslmode=verify-full&connect_timeout=7")
        #expect(
            address.hosts == [
                .init(name: "db1", port: 5433), .init(name: "db2", port: nil), .init(name: "::1", port: 6000),
            ])
        #expect(address.user == "re@lay" && address.password == "p:/ss" && address.database == "orders")
        #expect(address.parameters == ["sslmode": "verify-full", "connect_timeout": "7"])
        #expect(address.connectMilliseconds == 7_000)
        #expect(address.description == "postgresql://re@lay@db1:5433,db2,[::1]:6000/orders")
    }

    @Test("sockets, defaults and what stands in the query")
    func places() throws {
        let empty = try PostgreSQLAddress(url: "postgres://")
        #expect(empty.hosts == [.init(name: nil, port: nil)] && empty.user == nil && empty.database == nil)
        let socket = try PostgreSQLAddress(url: "postgresql:///orders?host=/var/run/postgresql&port=5433&user=me")
        #expect(socket.hosts == [.init(name: "/var/run/postgresql", port: 5433)] && socket.user == "me")
        #expect(!socket.isRemote)
        let encoded = try PostgreSQLAddress(url: "postgresql://%2Ftmp%2Fs:5433/x")
        #expect(encoded.hosts == [.init(name: "/tmp/s", port: 5433)])
        let several = try PostgreSQLAddress(url: "postgresql://u@/x?host=a,b&port=1,2")
        #expect(several.hosts == [.init(name: "a", port: 1), .init(name: "b", port: 2)] && several.isRemote)
        #expect(try !PostgreSQLAddress(url: "postgresql://127.0.0.1,localhost,[::1]").isRemote)
        #expect(try PostgreSQLAddress(url: "postgresql://localhost,db2").isRemote)
    }

    @Test(
        "what is wrong is told without what the URL holds",
        arguments: [
            "postgresql://u:hunter2@[::1/db", "postgresql://u:hunter2@h:99999/db", "postgresql://u:hunter%2@h/db",
            "postgresql://u:hunter2%zz@h/db", "postgresql://u:hunter2%00@h/db", "postgresql://u:hunter2%ff@h/db",
            "postgresql://u:hunter2/x@h/db", "postgresql://u:a?hunter2@h/db", "postgresql://u:a?hunter2=x@h/db",
            "postgresql://u:hunter2", "postgresql://u:p@hun ter2/db", "postgresql://u:p@h/db?options", "http://hunter2",
            "postgresql://u:hunter2@h/db?sslmode=hunter2", "postgresql://u:hunter2@h/db?connect_timeout=hunter2",
            "postgresql://u:hunter2@h/db?service=hunter2", "postgresql://u:hunter2@h/db?sslrootcert=system",
            "postgresql://u:hunter2@h/db?port=1,2", "postgresql://u:hunter2@h/a@b",
            "postgresql://u:p@h/db?hostaddr=hunter2",
        ])
    func refused(url: String) {
        do throws(DatabaseError) {
            let address = try PostgreSQLAddress(url: url)
            Issue.record("\(address) was taken")
        } catch {
            #expect(error.code == .denied && !error.isRetriable)
            #expect(!error.message.contains("hunter") && error.message.contains("DATABASE_URL"), "\(error.message)")
        }
    }

    @Test("what may be shown is neither the password nor a parameter")
    func shown() throws {
        let address = try PostgreSQLAddress(url: "postgresql://u:hunter2@h/db?password=hunter3&sslpassword=hunter4")
        #expect(address.password == "hunter3")
        #expect("\(address)" == "postgresql://u@h/db")
    }

    @Test("the password may be given apart, as it is")
    func apart() throws {
        let address = try PostgreSQLAddress(url: "postgresql://relay@db/orders", password: "p:/@%20")
        #expect(address.password == "p:/@%20" && address.user == "relay")
        #expect("\(address)" == "postgresql://relay@db/orders")
    }

    @Test(
        "two passwords, or one of nobody, are refused",
        arguments: [
            ("postgresql://u:hunter2@h/db", "remove one of them"),
            ("postgresql://u@h/db?password=hunter2", "remove one of them"),
            ("postgresql://h/db", "write user@ before the host"),
            ("sqlite:orders.db", "write postgresql://user@host:5432/database, or remove DATABASE_PASSWORD"),
        ])
    func apartAndWrong(url: String, remedy: String) {
        let options = PostgreSQLOptions(name: "test", password: "hunter3")
        let error = #expect(throws: DatabaseError.self) { try Databases(url: url, options: options, now: { 0 }) }
        #expect(error?.code == .denied && error?.isRetriable == false)
        #expect(error?.message.contains(remedy) == true && error?.message.contains("hunter") == false)
    }

    @Test("libpq is given this program's parameters, and the URL's in their place")
    func keywords() throws {
        let address = try PostgreSQLAddress(
            url: "postgresql://u:p@h:7/db?keepalives_idle=9&options=-c%20lock_timeout%3D1s&target_session_attrs=any")
        let keywords = address.keywords(
            for: address.hosts[0], at: "192.0.2.1", name: "orderrelay/crm",
            options: SessionSettings.settings(for: .brisk))
        #expect(keywords["keepalives_idle"] == "9" && keywords["keepalives_interval"] == "2")
        #expect(keywords["target_session_attrs"] == "any" && keywords["application_name"] == "orderrelay/crm")
        #expect(keywords["host"] == "h" && keywords["hostaddr"] == "192.0.2.1" && keywords["port"] == "7")
        #expect(keywords["user"] == "u" && keywords["password"] == "p" && keywords["dbname"] == "db")
        #expect(keywords["client_encoding"] == "UTF8" && keywords["tcp_user_timeout"] == "10000")
        let options = try #require(keywords["options"])
        #expect(options.hasPrefix("-c lock_timeout=10000ms ") && options.hasSuffix(" -c lock_timeout=1s"))
        #expect(options.contains("-c statement_timeout=30000ms") && options.contains("-c enable_seqscan=off"))
        let pooled = address.keywords(for: address.hosts[0], at: nil, name: "n", options: nil)
        #expect(pooled["options"] == "-c lock_timeout=1s" && pooled["hostaddr"] == nil)
    }

    @Test("reading connections keep the planner, and end before their client gives up")
    func lines() {
        let reading = SessionSettings.settings(for: .reading)
        #expect(!reading.contains { $0.name.hasPrefix("enable_") })
        #expect(reading.contains(.init(name: "statement_timeout", value: "4500ms")))
        #expect(SessionSettings.settings(for: .bulk) == SessionSettings.settings(for: .brisk))
    }
}
