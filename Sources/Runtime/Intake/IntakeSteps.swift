/// The steps of an intake: planning, reserving room, copying to `dead-letters`.
public struct IntakeSteps: Sendable {
    let planner: any Planner
    let capacity: any DeliveryCapacity
    let deadLetters: DeadLetterPublisher?
    let metrics: IntakeMetrics
    let settings: IntakeSettings

    /// - Parameter deadLetters: nil: what cannot be decoded is recorded and counted, but not copied (`analytics`).
    public init(
        planner: any Planner, capacity: any DeliveryCapacity, deadLetters: DeadLetterPublisher?, metrics: IntakeMetrics,
        settings: IntakeSettings = IntakeSettings()
    ) {
        self.planner = planner
        self.capacity = capacity
        self.deadLetters = deadLetters
        self.metrics = metrics
        self.settings = settings
    }
}
