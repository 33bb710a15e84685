import Testing

@testable import Phones
