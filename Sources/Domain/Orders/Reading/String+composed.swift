@_spi(_Unicode) import Swift

extension String {
    /// In normal form C (Unicode, UAX #15), so that a name looks up and counts as one however it was typed.
    var composed: String {
        var scalars = String.UnicodeScalarView()
        for scalar in _nfc { scalars.append(scalar) }
        return String(scalars)
    }
}
