import Foundation
import Mail
import Testing

/// What an outcome means for the message.
private enum Meaning: String, Sendable { case accepted, temporary, permanent, configuration, unknown }

extension SMTPOutcome {
    fileprivate var meaning: Meaning {
        switch self {
        case .accepted: .accepted
        case .temporary, .exhausted: .temporary
        case .permanent: .permanent
        case .configuration: .configuration
        case .unknown: .unknown
        }
    }
}

/// A server that fails as the EHLO name asks (`Support/Mail/misbehaving_server.py` lists the faults).
///
/// Without the care that is asked for, what hangs here hangs for ever: the limit says so. How long a wait is on a busy
/// machine is not asked.
@Suite("A mail server that misbehaves", .enabled(if: MailTools.areHere), .timeLimit(.minutes(2)))
struct MailFaultTests {
    private static let starting = Task {
        try await HelperServer.started("misbehaving_server.py", [MailTools.certificates.path])
    }
    private static let authority = MailTools.certificates.appending(path: "ca.pem").path

    /// One for all tests; they tell each other apart by the name that their clients give.
    private let server: HelperServer

    init() async throws { server = try await Self.starting.value }

    /// Loopback without TLS: for what happens after the connection stands.
    private func open(_ fault: String, port: String = "port") throws -> SMTPSettings {
        var settings = try SMTPSettings(url: "smtp://127.0.0.1:\(server.ports[port] ?? 0)?tls=never")
        settings.helloName = fault
        return settings
    }

    /// STARTTLS and credentials.
    private func secured(_ fault: String, port: String = "port", caFile: String? = authority) throws -> SMTPSettings {
        let url = "smtp://robot:secret@localhost:\(server.ports[port] ?? 0)"
        var settings = try SMTPSettings(url: url, caFile: caFile)
        settings.helloName = fault
        return settings
    }

    private func send(_ settings: SMTPSettings, bodyBytes: Int = 20) async throws -> SMTPOutcome {
        let client = SMTPClient(settings)
        var message = sampleMessage()
        message.text = String(repeating: "x", count: bodyBytes)
        let outcome = try await client.send(message)
        await client.close(timeout: .seconds(2))
        return outcome
    }

    /// What the server noted of clients with this name.
    private func log(_ name: String) throws -> [String] {
        let text = try String(contentsOf: server.folder.appending(path: "log"), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("\(name) ") }.map {
            String($0.dropFirst(name.count + 1))
        }
    }

    @Test(
        "a refusal, a closed connection or a flood at each command has its meaning, and is never unknown before the dot",
        arguments: ["", "plain-"], ["mail", "rcpt", "data"])
    func commands(prefix: String, place: String) async throws {
        let expected: [(String, Meaning)] = [
            ("451", .temporary), ("421", .temporary), ("550", place == "mail" ? .configuration : .permanent),
            ("535", .configuration), ("close", .temporary),
            ("flood", .temporary), ("floodline", .temporary), ("garbage", .temporary),
        ]
        for (fault, meaning) in expected {
            let outcome = try await send(open(prefix + place + fault))
            #expect(outcome.meaning == meaning, "\(prefix)\(place)\(fault): \(outcome)")
        }
    }

    @Test("after the dot a refusal is a refusal, and anything but a reply is unknown", arguments: ["", "plain-"])
    func dot(prefix: String) async throws {
        let expected: [(String, Meaning)] = [
            ("451", .temporary), ("421", .temporary), ("554", .permanent), ("close", .unknown), ("partial", .unknown),
            ("garbage", .unknown), ("flood", .unknown), ("floodline", .unknown), ("251", .accepted),
        ]
        for (fault, meaning) in expected {
            let outcome = try await send(open("\(prefix)dot\(fault)"))
            #expect(outcome.meaning == meaning, "dot\(fault): \(outcome)")
        }
    }

    @Test(
        "a server that hangs is left after the reply's time, with the outcome of the place",
        arguments: [
            "ehlohang", "mailhang", "rcpthang", "datahang", "dothang", "plain-mailhang", "plain-rcpthang",
            "plain-dothang",
            "starttlshang", "authhang", "greethang",
        ])
    func hanging(fault: String) async throws {
        let isTLS = fault.hasPrefix("starttls") || fault.hasPrefix("auth")
        let port = fault.hasPrefix("greet") ? fault : "port"
        var settings = try isTLS ? secured(fault) : open(fault, port: port)
        settings.replyTimeout = .milliseconds(1_500)
        let begun = ContinuousClock.now
        let outcome = try await send(settings)
        #expect(outcome.meaning == (fault.hasSuffix("dothang") ? .unknown : .temporary), "\(outcome)")
        #expect(begun.duration(to: .now) >= .milliseconds(1_400), "it did not hang: \(outcome)")
    }

    @Test(
        "a server that refuses and then does not answer QUIT holds nobody up",
        arguments: [
            "auth535.quithang", "noauth.quithang", "ehlo550.quithang", "rcpt550.quithang",
        ])
    func refusingAndHanging(fault: String) async throws {
        var settings = try secured(fault)
        settings.replyTimeout = .seconds(600)
        let outcome = try await send(settings)
        #expect([.configuration, .permanent].contains(outcome.meaning), "\(outcome)")
    }

    @Test("a message's own time bounds everything, whatever the replies' time is")
    func messageTime() async throws {
        var settings = try open("dothang")
        settings.replyTimeout = .seconds(600)
        let client = SMTPClient(settings)
        let outcome = try await client.send(sampleMessage(), within: .seconds(2))
        #expect(outcome.meaning == .unknown)
        await client.close(timeout: .zero)
    }

    @Test(
        "a connection lost while the body is handed over: nothing was accepted", arguments: ["bodyclose", "bodyreset"])
    func lostInBody(fault: String) async throws {
        let outcome = try await send(open(fault), bodyBytes: 5_000_000)
        #expect(outcome.meaning == .temporary, "\(outcome)")
        #expect(try !log(fault).contains("message"))
    }

    @Test("a refusal while the body is handed over is taken as what it says")
    func earlyRefusal() async throws {
        let outcome = try await send(open("bodyearly"), bodyBytes: 5_000_000)
        guard case .permanent(let reply) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reply.code == 552)
    }

    @Test("a server that stops reading is left after the message's time")
    func stalled() async throws {
        var settings = try open("bodystall")
        settings.messageTimeout = .seconds(2)
        #expect(try await send(settings, bodyBytes: 5_000_000).meaning == .temporary)
    }

    @Test(
        "greetings that refuse",
        arguments: [
            ("greet554", "configuration"), ("greet421", "temporary"), ("greetclose", "temporary"),
            ("greetflood", "temporary"), ("greetfloodline", "temporary"),
        ])
    func greetings(port: String, meaning: String) async throws {
        let outcome = try await send(open("x", port: port))
        #expect(outcome.meaning.rawValue == meaning, "\(outcome)")
    }

    @Test(
        "EHLO, STARTTLS and AUTH that fail",
        arguments: [
            ("ehlo550", "configuration"), ("ehlo421", "temporary"), ("ehloclose", "temporary"),
            ("ehloflood", "temporary"),
            ("starttls454", "temporary"), ("starttlsclose", "temporary"), ("nostarttls", "configuration"),
            ("auth535", "configuration"), ("auth534", "configuration"), ("auth454", "temporary"),
            ("authclose", "temporary"),
            ("noauth", "configuration"), ("inject", "configuration"), ("injectlate", "configuration"),
        ])
    func connecting(fault: String, meaning: String) async throws {
        let outcome = try await send(secured(fault))
        #expect(outcome.meaning.rawValue == meaning, "\(outcome)")
        let seen = try log(fault)
        #expect(!seen.contains("MAIL") && !seen.contains("AUTH IN CLEAR"), "\(seen)")
    }

    @Test("credentials never go out in clear, and go out over TLS")
    func neverInClear() async throws {
        #expect(try await send(secured("fine-tls")).meaning == .accepted)
        #expect(try log("fine-tls").contains("AUTH over TLS"))
        #expect(try await send(secured("nostarttls")).meaning == .configuration)
        #expect(try log("nostarttls").allSatisfy { ["EHLO", "gone"].contains($0) })
    }

    @Test("a certificate that nobody vouches for, or of another host, is refused, and says so")
    func certificates() async throws {
        for settings in [try secured("untrusted", caFile: nil), try secured("elsewhere", port: "elsewhere")] {
            let outcome = try await send(settings)
            guard case .configuration(let why, nil) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(why.contains("certificate"), "\(why)")
            #expect(try log(settings.helloName).allSatisfy { ["EHLO", "gone"].contains($0) })
        }
    }

    @Test("a server that is not there: temporary")
    func absent() async throws {
        #expect(try await send(SMTPSettings(url: "smtp://127.0.0.1:1?tls=never")).meaning == .temporary)
        #expect(try await send(SMTPSettings(url: "smtp://nowhere.invalid:25")).meaning == .temporary)
    }

    @Test("messages share a kept connection; QUIT is said at the end")
    func kept() async throws {
        var settings = try open("kept")
        settings.connectionsMaximum = 1
        let client = SMTPClient(settings)
        for _ in 0..<5 { #expect(try await client.send(sampleMessage()).meaning == .accepted) }
        await client.close(timeout: .seconds(2))
        let seen = try log("kept")
        #expect(seen.filter { $0 == "EHLO" }.count == 1 && seen.filter { $0 == "message" }.count == 5)
        #expect(seen.last == "QUIT")
    }

    @Test("a refused message is reset, and the connection serves the next")
    func resets() async throws {
        var settings = try open("rcpt550")
        settings.connectionsMaximum = 1
        settings.helloName = "plain-rcpt550"
        let client = SMTPClient(settings)
        let before = try log("plain-rcpt550").count
        for _ in 0..<3 { #expect(try await client.send(sampleMessage()).meaning == .permanent) }
        await client.close(timeout: .seconds(2))
        let seen = try log("plain-rcpt550").dropFirst(before)
        #expect(seen.filter { $0 == "RSET" }.count >= 2)
    }

    @Test(
        "a kept connection that the server has closed meanwhile costs the next message nothing",
        arguments: [
            "idleclosed", "silentlyclosed",
        ])
    func closedWhileIdle(fault: String) async throws {
        var settings = try open(fault)
        settings.connectionsMaximum = 1
        let client = SMTPClient(settings)
        for _ in 0..<3 { #expect(try await client.send(sampleMessage()).meaning == .accepted) }
        await client.close(timeout: .seconds(2))
        #expect(try log(fault).filter { $0 == "message" }.count == 3)
    }

    @Test("a connection unused for long is asked before it is used")
    func askedWhenIdle() async throws {
        var settings = try open("asked")
        settings.connectionsMaximum = 1
        settings.idleUncheckedMaximum = .zero
        let client = SMTPClient(settings)
        for _ in 0..<2 { #expect(try await client.send(sampleMessage()).meaning == .accepted) }
        await client.close(timeout: .seconds(2))
        #expect(try log("asked") == ["EHLO", "MAIL", "message", "RSET", "MAIL", "message", "QUIT"])
    }

    @Test("closing waits neither for QUIT's answer nor for a server that hangs")
    func closing() async throws {
        var patient = try open("quithang")
        patient.replyTimeout = .seconds(600)
        let polite = SMTPClient(patient)
        #expect(try await polite.send(sampleMessage()).meaning == .accepted)
        await polite.close(timeout: .seconds(600))

        let hanging = SMTPClient(try open("dothang.told"))
        async let outcome = hanging.send(sampleMessage())
        #expect(try await server.nextLine() == "message")
        await hanging.close(timeout: .milliseconds(10))
        #expect(try await outcome.meaning == .unknown)
        #expect(try await hanging.send(sampleMessage()).meaning == .temporary, "a closed client takes nothing")
    }

    @Test("more messages than connections wait their turn; too many waiting are refused at once")
    func waiting() async throws {
        var settings = try open("many")
        settings.connectionsMaximum = 2
        let client = SMTPClient(settings)
        let meanings = try await withThrowingTaskGroup(of: Meaning.self) { group in
            for _ in 0..<50 { group.addTask { try await client.send(sampleMessage()).meaning } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(meanings.allSatisfy { $0 == .accepted } && meanings.count == 50)
        #expect(try log("many").filter { $0 == "EHLO" }.count <= 2)
        await client.close(timeout: .seconds(2))

        settings.waitingMaximum = 0
        #expect(try await send(settings).meaning == .temporary)
    }
}
