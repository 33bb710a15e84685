import Kafka
import Telemetry

extension ClientProperties {
    /// The same properties, with the records that their producers could not publish counted, by kind of error.
    func counted(in metrics: Metrics) -> ClientProperties {
        let errors = metrics.counter(
            "orderrelay_produce_errors_total", "Records that Kafka did not acknowledge, by kind of error.",
            labels: [Label("kind", KafkaError.Code.names)])
        var properties = self
        properties.unsent = { errors.add(1, $0.code.name) }
        return properties
    }
}
