extension Producer {
    /// Publishes a record without waiting for its acknowledgement; for callers that read the topic themselves.
    ///
    /// - Parameter failed: called at most once, on any thread, if the record was not acknowledged within `timeout`: it
    ///   may be on the topic, or still arrive there.
    public func post(
        _ record: OutgoingRecord, timeout: Duration = .seconds(5), failed: @escaping @Sendable (KafkaError) -> Void
    ) {
        do throws(KafkaError) {
            try current().submit(record, timeoutMilliseconds: timeout.milliseconds, .failureOnly(failed))
        } catch {
            failed(error)
        }
    }
}
