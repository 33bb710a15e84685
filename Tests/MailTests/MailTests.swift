import Testing

@testable import Mail

@Suite("Messages")
struct MessageTests {
    @Test(
        "a date is written as RFC 5322 asks",
        arguments: [
            (Int64(0), "Thu, 1 Jan 1970 00:00:00 +0000"), (1_764_000_000_000, "Mon, 24 Nov 2025 16:00:00 +0000"),
            (951_782_399_999, "Mon, 28 Feb 2000 23:59:59 +0000"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (4_107_542_400_000, "Mon, 1 Mar 2100 00:00:00 +0000"),
        ])
    func dates(milliseconds: Int64, expected: String) { #expect(internetDate(milliseconds: milliseconds) == expected) }
}
