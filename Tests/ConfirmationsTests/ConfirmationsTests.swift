import Testing

@testable import Confirmations
