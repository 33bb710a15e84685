import CLibrdkafka
import Testing

@testable import Kafka

@Suite struct AccessRightTests {
    @Test("rights are listed once, in order, without what another includes")
    func condensed() {
        let topic = AccessRight.Resource.topic("a")
        let rights = [
            AccessRight(.describe, .cluster), AccessRight(.describe, topic), AccessRight(.write, topic),
            AccessRight(.describe, .group("a")), AccessRight(.describeConfigs, topic), AccessRight(.write, topic),
            AccessRight(.describe, .topic("b")),
        ]
        #expect(
            rights.condensed.map(\.description) == [
                "Write on topic a", "DescribeConfigs on topic a", "Describe on topic b", "Describe on group a",
                "Describe on cluster kafka-cluster",
            ])
    }

    @Test("what Kafka does not allow may be granted later, and the message says by what")
    func denied() {
        for number in [
            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
        ] {
            let error = KafkaError(number, "reading orders/3")
            #expect(error.code == .notAllowed && error.isRetriable)
            #expect(error.message.hasPrefix("reading orders/3: ") && error.message.contains("`orderrelay acl check`"))
        }
        #expect(!KafkaError(RD_KAFKA_RESP_ERR__TRANSPORT, "reading").message.contains("acl"))
    }
}
