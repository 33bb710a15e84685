import Kafka
import Lifecycle
import Telemetry

extension ClientProperties {
    /// The same properties, with what their clients have to say in the log: a line for each kind of trouble, not one for
    /// each try of the library.
    func telling(_ log: Log) -> ClientProperties {
        var properties = self
        let line = Waiting(saying: "trouble with Kafka", ending: "Kafka is well again", log: log)
        properties.notice = { notice in
            guard case .trouble(let error) = notice else { return }
            guard error.code == .fatal else { return line.goesOn(error.message, reason: "\(error.code)") }
            log.error(
                "a Kafka producer can do no more work and is replaced; what it held is answered 503",
                ["why": error.message])
        }
        return properties
    }
}
