/// The E.164 form (`+380671234567`) of a phone number as people write it; nil where it is no possible valid number.
///
/// libphonenumber, about 20 µs; so text that is E.164 already is only checked for its shape and not given to it.
/// - Parameter country: ISO 3166 code for numbers without a country prefix, `UA`.
public func e164(_ text: String, country: String) -> String? { fatalError("to be written") }
