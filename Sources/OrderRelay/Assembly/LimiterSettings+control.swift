import Access
import Control
import Kafka
import Limiter
import RateLimit

extension LimiterSettings {
    /// The rate limit beside a replica of topic `control`, which tells of restrictions.
    ///
    /// - Parameter isEmbedded: whether the broker is the embedded one, which stamps no record itself.
    static func of(_ kafka: ClientProperties, _ control: ControlReplica, isEmbedded: Bool) -> LimiterSettings {
        LimiterSettings(kafka, acceptsProducerTime: isEmbedded) { limitID in
            control.restriction(limitID).map { Restriction(level: $0.level, until: $0.until) }
        }
    }
}
