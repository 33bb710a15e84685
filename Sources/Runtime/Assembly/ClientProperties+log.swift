public import Kafka
public import Telemetry

extension ClientProperties {
    /// The same properties, with their clients' reports in the log: a line for each kind of error, not one for each
    /// attempt of the library.
    public func logged(in log: Log) -> ClientProperties {
        var properties = self
        let outage = Outage(saying: "problems with Kafka", ending: "Kafka has recovered", log: log)
        properties.notice = { notice in
            guard case .trouble(let error) = notice else { return }
            guard error.code == .fatal else { return outage.goesOn(error.message, reason: "\(error.code)") }
            log.error(
                "a Kafka producer failed for good and is replaced; the requests that waited for it are answered 503",
                ["why": error.message])
        }
        return properties
    }
}
