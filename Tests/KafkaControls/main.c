// Breaks a rule of the Kafka module on purpose, with the library's own calls on its own mock cluster, so that a test can
// see what the rule is for. Each control runs in a process of its own, because it crashes or hangs:
//
//   headers   single headers on a record for a partition that does not exist: freed twice, the process crashes
//   pause     partitions paused and resumed, then the client destroyed before the list that named them: the list came to
//             hold the partitions, and destroying never returns
//   queue     queued.min.messages low, then rounds of a few records: each waits for a fixed second
//   plain     the same as `pause` and `queue` with the rules kept: ends well at once
//
// Exit: 0 nothing happened; 3 slow; killed by SIGALRM (hung) or another signal (crashed).
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HUNG_SECONDS = 6, ROUNDS = 3, RECORDS_A_ROUND = 200, SLOW_SECONDS = 1 };

static const char *brokers;

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char reason[256];
  if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) {
    fprintf(stderr, "%s\n", reason);
    exit(2);
  }
}

static rd_kafka_t *make(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
  char reason[256];
  rd_kafka_conf_set_log_cb(conf, NULL);
  if (brokers) set(conf, "bootstrap.servers", brokers);
  rd_kafka_t *client = rd_kafka_new(type, conf, reason, sizeof reason);
  if (!client) {
    fprintf(stderr, "%s\n", reason);
    exit(2);
  }
  return client;
}

static void produce(rd_kafka_t *producer, int count) {
  for (int i = 0; i < count; i++)
    rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(i % 2), RD_KAFKA_V_VALUE("value", 5),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  rd_kafka_flush(producer, 10000);
}

static void consume(rd_kafka_t *consumer, int count) {
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
  while (count > 0) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 1000);
    if (!event) continue;
    const rd_kafka_message_t *message = rd_kafka_event_message_next(event);
    if (message && !message->err) count--;
    rd_kafka_event_destroy(event);
  }
  rd_kafka_queue_destroy(queue);
}

static void break_headers(rd_kafka_t *producer) {
  rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, "t", NULL);
  const struct rd_kafka_metadata *metadata;
  rd_kafka_metadata(producer, 0, topic, &metadata, 5000);
  rd_kafka_vu_t record[3] = {
      {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = "t"},
      {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = 77},
      {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {.name = "name", .val = "value", .size = 5}}};
  for (int i = 0; i < 3; i++) rd_kafka_produceva(producer, record, 3);
}

static int read_rounds(rd_kafka_t *producer, int is_low, int is_paused) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  set(conf, "group.id", "g");
  set(conf, "enable.auto.commit", "false");
  set(conf, "fetch.wait.max.ms", "10");
  if (is_low) set(conf, "queued.min.messages", "10");
  rd_kafka_t *consumer = make(RD_KAFKA_CONSUMER, conf);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t *partitions = rd_kafka_topic_partition_list_new(2);
  for (int i = 0; i < 2; i++) rd_kafka_topic_partition_list_add(partitions, "t", i)->offset = 0;
  rd_kafka_assign(consumer, partitions);
  produce(producer, RECORDS_A_ROUND);
  consume(consumer, RECORDS_A_ROUND);
  if (is_paused) {
    rd_kafka_pause_partitions(consumer, partitions);
    rd_kafka_resume_partitions(consumer, partitions);
  }
  double began = seconds();
  for (int round = 0; round < ROUNDS; round++) {
    produce(producer, RECORDS_A_ROUND);
    consume(consumer, RECORDS_A_ROUND);
  }
  double took = seconds() - began;
  printf("%d rounds took %.3f s\n", ROUNDS, took);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  rd_kafka_topic_partition_list_destroy(partitions);
  return took > SLOW_SECONDS ? 3 : 0;
}

int main(int count, char **words) {
  const char *control = count > 1 ? words[1] : "";
  // The signal mask is inherited from whoever started this.
  sigset_t alarm_only;
  sigemptyset(&alarm_only);
  sigaddset(&alarm_only, SIGALRM);
  sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
  alarm(HUNG_SECONDS);
  rd_kafka_t *host = make(RD_KAFKA_PRODUCER, rd_kafka_conf_new());
  rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(host, 1);
  brokers = rd_kafka_mock_cluster_bootstraps(cluster);
  rd_kafka_mock_topic_create(cluster, "t", 2, 1);
  rd_kafka_t *producer = make(RD_KAFKA_PRODUCER, rd_kafka_conf_new());
  int status = 0;
  if (!strcmp(control, "headers")) break_headers(producer);
  else if (!strcmp(control, "pause")) status = read_rounds(producer, 0, 1);
  else if (!strcmp(control, "queue")) status = read_rounds(producer, 1, 0);
  else if (!strcmp(control, "plain")) status = read_rounds(producer, 0, 0);
  else {
    fprintf(stderr, "usage: KafkaControls headers|pause|queue|plain\n");
    status = 2;
  }
  puts("ended");
  return status;
}
