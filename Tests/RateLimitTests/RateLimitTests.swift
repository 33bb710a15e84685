import Testing

@testable import RateLimit
