import Assembly
import Testing

@testable import Door

@Suite("What doctor prints") struct FindingTests {
    private let findings = [
        Finding(.ok, "kafka", "three brokers"), Finding(.fault, "smtp", "\"no\"", remedy: "correct SMTP_URL"),
    ]

    @Test("a finding is a line, and what to do a second one")
    func text() {
        #expect(
            findings.map(FindingLines.text) == [
                "ok\tkafka\tthree brokers", "fault\tsmtp\t\"no\"\n\t\t→ correct SMTP_URL",
            ])
    }

    @Test("or an object, without a remedy where nothing needs to be done")
    func json() {
        #expect(
            findings.map(FindingLines.json) == [
                #"{"grade":"ok","subject":"kafka","text":"three brokers"}"#,
                #"{"grade":"fault","subject":"smtp","text":"\"no\"","remedy":"correct SMTP_URL"}"#,
            ])
    }
}
