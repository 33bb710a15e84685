extension Producer {
    /// Publishes a record without waiting for its acknowledgement; for those who read the topic themselves.
    ///
    /// - Parameter failed: called at most once, on any thread, where the record was not acknowledged within `timeout`:
    ///   it may be on the topic, or come there later.
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
