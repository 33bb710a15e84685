import Testing

@testable import Delivery

@Suite struct KafkaReachTests {
    @Test("no broker is connected: Kafka is away, with the client's last words; one is again: it is back")
    func awayAndBack() {
        var reach = KafkaReach()
        #expect(reach.away == nil)
        #expect(reach.heard(brokersUp: 1) == nil && reach.away == nil)
        reach.heard(trouble: "broker 1: connection refused")
        reach.heard(trouble: "1/1 brokers are down")
        #expect(reach.away == nil, "a broker may be back before the client is asked")
        #expect(reach.heard(brokersUp: 0) == .away && reach.away == "1/1 brokers are down")
        reach.heard(trouble: "broker 1: connection refused")
        #expect(reach.heard(brokersUp: 0) == nil && reach.away == "broker 1: connection refused")
        #expect(reach.heard(brokersUp: 1) == .back && reach.away == nil)
    }

    @Test("one of three brokers is enough, and what was said of the others is not the reason for a later outage")
    func oneOfThree() {
        var reach = KafkaReach()
        reach.heard(trouble: "broker 2: connection refused")
        #expect(reach.heard(brokersUp: 1) == nil && reach.away == nil)
        #expect(reach.heard(brokersUp: 0) == .away && reach.away == "no broker is connected")
    }
}
