import Intake

/// Keeps the reports about stopped partitions up to date, and has those read again that may be.
final class StopsWatch: Chore {
    private static let every = Duration.seconds(10)

    private let context: WorkerContext
    private let intake: IntakeOwner

    init(_ context: WorkerContext, _ intake: IntakeOwner) {
        self.context = context
        self.intake = intake
    }

    func perform() async -> Duration {
        await intake.look()
        return context.random.about(Self.every)
    }
}
