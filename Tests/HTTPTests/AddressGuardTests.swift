import HTTP
import Testing

@Suite("Addresses that strangers give")
struct AddressGuardTests {
    @Test(
        "addresses of this machine, of private networks and set aside are not public",
        arguments: [
            "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
            "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
            "::ffff:10.0.0.1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1",
            "3fff::1",
            "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:101::1", "100::1", "4000::1",
        ])
    func closed(_ text: String) throws {
        #expect(!(try #require(IPAddress(text))).isPublic)
    }

    @Test(
        "addresses of the open internet are public",
        arguments: [
            "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1",
            "192.167.255.255", "198.17.255.255", "198.20.0.1", "223.255.255.255", "::ffff:1.1.1.1", "2606:4700::1111",
            "2a00:1450:4001::1", "64:ff9b::808:808", "2002:808:808::1",
        ])
    func open(_ text: String) throws {
        #expect((try #require(IPAddress(text))).isPublic)
    }

    @Test(
        "what is not an address is refused",
        arguments: ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "localhost", ":::", "1.2.3.4:80"])
    func none(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test(
        "addresses read back as they are written",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::ffff:10.1.2.3", "10.1.2.3"), ("2001:DB8:0:0::1", "2001:db8::1"),
        ])
    func text(_ text: String, _ written: String) { #expect(IPAddress(text)?.description == written) }

    @Test(
        "a guarded client does not connect to this machine, however its address is spelt",
        arguments: [
            "127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
        ])
    func guarded(_ host: String) async throws {
        let server = ScriptedServer { _, _ in }
        defer { server.close() }
        let client = Client(addressGuard: \.isPublic)
        await #expect {
            _ = try await client.send(ClientRequest(.post, "http://\(host):\(server.port)/", timeout: .seconds(5)))
        } throws: { error in
            guard let error = error as? ClientError else { return false }
            return error.code == .refusedAddress && !error.isOutcomeUnknown
        }
        #expect(server.connections == 0)
    }

    @Test("what the guard allows is sent, and a kept connection is asked about again")
    func allowed() async throws {
        let server = try serve()
        let asked = Counter()
        let client = Client(addressGuard: { address in
            asked.add()
            return address.description == "127.0.0.1" && asked.value < 4
        })
        let request = ClientRequest(.post, "http://127.0.0.1:\(server.port)/", body: [1])
        // Asked for the socket and for the request.
        #expect(try await client.send(request).status == 200)
        #expect(asked.value == 2)
        // Asked for the request alone: the connection was kept.
        #expect(try await client.send(request).status == 200)
        #expect(asked.value == 3)
        await #expect { _ = try await client.send(request) } throws: { ($0 as? ClientError)?.code == .refusedAddress }
    }
}
