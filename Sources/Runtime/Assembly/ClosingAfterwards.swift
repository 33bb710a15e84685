public import Lifecycle

/// A service with something that it uses, and that is closed once it has stopped.
public struct ClosingAfterwards: Service {
    public let service: any Service
    private let close: @Sendable (_ deadline: ContinuousClock.Instant) async -> Void

    public init(
        _ service: any Service, close: @escaping @Sendable (_ deadline: ContinuousClock.Instant) async -> Void
    ) {
        self.service = service
        self.close = close
    }

    public var name: String { service.name }
    public var notReady: String? { service.notReady }
    public var adminPages: [AdminPage] { service.adminPages }
    public func start() async throws { try await service.start() }
    public func stop(by deadline: ContinuousClock.Instant) async {
        await service.stop(by: deadline)
        await close(deadline)
    }
}
