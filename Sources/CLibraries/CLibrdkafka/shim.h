#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/prctl.h>

// Macros that Swift does not import, by name.
static const int32_t ORDERRELAY_PARTITION_UNASSIGNED = RD_KAFKA_PARTITION_UA;
static const int64_t ORDERRELAY_OFFSET_BEGINNING = RD_KAFKA_OFFSET_BEGINNING;
static const int64_t ORDERRELAY_OFFSET_END = RD_KAFKA_OFFSET_END;
static const int64_t ORDERRELAY_OFFSET_INVALID = RD_KAFKA_OFFSET_INVALID;
static const int ORDERRELAY_MESSAGE_COPY = RD_KAFKA_MSG_F_COPY;

// rd_kafka_producev takes variable arguments, which Swift cannot pass. `headers` may be NULL; on success they belong to
// the library, on failure to the caller.
static inline rd_kafka_resp_err_t orderrelay_produce(
    rd_kafka_t *client, rd_kafka_topic_t *topic, int32_t partition, const void *key, size_t key_length,
    const void *value, size_t value_length, rd_kafka_headers_t *headers, void *opaque) {
  return rd_kafka_producev(
      client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(key, key_length),
      RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}

// prctl takes variable arguments, which Swift cannot pass. Sets by how much the calling thread, and those that it starts from
// then on, may wake late; returns what held before, in nanoseconds.
static inline int orderrelay_timer_slack(unsigned long nanoseconds) {
  int before = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
  return before;
}
