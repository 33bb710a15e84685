import FoundationEssentials
import FoundationInternationalization

/// The time zones that this system knows.
enum TimeZones {
    static func isKnown(_ name: String) -> Bool { TimeZone(identifier: name) != nil }
}
