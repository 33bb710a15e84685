import Foundation
import Events
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "ISO 8601 is read as callers write it",
        arguments: [
            ("2026-05-01T12:30:00.000Z", 1_777_638_600_000), ("2026-05-01T12:30:00Z", 1_777_638_600_000),
            ("2026-05-01T15:30:00+03:00", 1_777_638_600_000), ("2026-05-01T15:30:00+0300", 1_777_638_600_000),
            ("2026-05-01T15:30+03", 1_777_638_600_000), ("2026-05-01 12:30:00", 1_777_638_600_000),
            ("2026-05-01t09:00:00-03:30", 1_777_638_600_000), ("2026-05-01T12:30:00.1239Z", 1_777_638_600_123),
            ("2026-05-01T12:30:00,5Z", 1_777_638_600_500), ("2026-05-01", 1_777_593_600_000),
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2000-02-29", 951_782_400_000),
        ] as [(String, Int64)])
    func parsing(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text) == Timestamp(milliseconds: milliseconds))
    }

    @Test(
        "days and times that do not exist are refused",
        arguments: [
            "", "2026", "2026-13-01", "2026-00-01", "2026-02-29", "1900-02-29", "2026-04-31", "2026-05-00", "26-05-01",
            "2026-05-01T24:00:00Z", "2026-05-01T12:60Z", "2026-05-01T12:30:60Z", "2026-05-01T12:30:00.Z",
            "2026-05-01T12",
            "2026-05-01T12:30:00Zx", "2026-05-01T12:30:00+3", "2026-05-01T12:30:00+24:00", "2026-05-01T", "yesterday",
            "2026/05/01", "2026-05-01T12:30:00.00000000000000000000000000000000000001Z", "１２３４-05-01",
        ])
    func refused(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test("a timestamp is written in UTC with milliseconds")
    func formatting() {
        #expect(Timestamp(milliseconds: 1_777_638_600_007).iso8601 == "2026-05-01T12:30:00.007Z")
        #expect(Timestamp(milliseconds: 0).iso8601 == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp(milliseconds: -1).iso8601 == "1969-12-31T23:59:59.999Z")
    }

    @Test("days and times of the years 1583 to 9997 agree with Foundation, and come back")
    func againstFoundation() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        // Foundation counts days before 1582 by the Julian calendar.
        for day in stride(from: Int64(-141_000), to: 2_932_000, by: 997) {
            let timestamp = Timestamp(milliseconds: day * 86_400_000 + (day &* 7919) % 43_200 * 1000)
            let date = Date(timeIntervalSince1970: Double(timestamp.milliseconds) / 1000)
            #expect(timestamp.iso8601 == style.format(date))
            #expect(Timestamp(iso8601: timestamp.iso8601) == timestamp)
        }
    }

    @Test("minutes and days are rounded down, also before 1970")
    func buckets() {
        #expect(Timestamp(milliseconds: 59_999).minute == 0)
        #expect(Timestamp(milliseconds: 60_000).minute == 1)
        #expect(Timestamp(milliseconds: -1).minute == -1)
        #expect(Timestamp(milliseconds: -60_000).minute == -1)
        #expect(Timestamp(milliseconds: 86_399_999).day == 0)
        #expect(Timestamp(milliseconds: -1).day == -1)
    }
}
