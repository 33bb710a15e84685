import Access
public import Control
public import Kafka
public import Limiter
import RateLimit

extension LimiterSettings {
    /// Settings of a rate limit whose restrictions come from a replica of topic `control`.
    ///
    /// - Parameter isEmbedded: whether the broker is the embedded one, which does not stamp records itself.
    public static func of(_ kafka: ClientProperties, _ control: ControlReplica, isEmbedded: Bool) -> LimiterSettings {
        var settings = LimiterSettings(kafka, acceptsProducerTime: isEmbedded) { limitID in
            control.restriction(limitID).map { Restriction(level: $0.level, until: $0.until) }
        }
        // No broker's clock is to be watched: the stamps are this process's own.
        if isEmbedded { settings.rules.probeInterval = 60_000 }
        return settings
    }
}
