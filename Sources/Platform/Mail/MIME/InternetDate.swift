/// RFC 5322's date in UTC: `Mon, 24 Nov 2025 08:38:00 +0000`.
/// - Parameter milliseconds: since 1970, UTC.
func internetDate(milliseconds: Int64) -> String {
    let seconds = milliseconds.flooredQuotient(1_000)
    let days = seconds.flooredQuotient(86_400)
    let ofDay = seconds - days * 86_400
    let (year, month, day) = civilDate(daysSince1970: days)
    let weekday = Int((days + 4) - (days + 4).flooredQuotient(7) * 7)
    let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(weekdays[weekday]), \(day) \(months[month - 1]) \(year) "
        + "\(two(ofDay / 3_600)):\(two(ofDay / 60 % 60)):\(two(ofDay % 60)) +0000"
}

/// The Gregorian date of a day, by counting in years that begin on 1 March, so that the leap day comes last.
private func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.flooredQuotient(146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}

extension Int64 {
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
