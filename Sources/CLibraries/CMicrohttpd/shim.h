#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H
/* What the system's headers declare belongs to Swift's own Glibc module, and must not seem to come from this one too. */
#pragma clang module import SwiftGlibc
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* Constants whose enums carry attributes that keep them out of Swift, and calls with variable arguments. */
static const enum MHD_Result cmhd_yes = MHD_YES;
static const enum MHD_Result cmhd_no = MHD_NO;
typedef MHD_UNSIGNED_LONG_LONG cmhd_milliseconds;

/* What the daemon is started with; the listening socket is ours. */
struct cmhd_settings {
  int listener;
  unsigned connections_maximum;
  unsigned connections_per_address_maximum; /* 0: no bound */
  size_t memory_per_connection;
  unsigned idle_timeout_seconds;
  void *context; /* handed to every callback */
  MHD_AccessHandlerCallback on_request;
  MHD_RequestCompletedCallback on_completed;
  MHD_NotifyConnectionCallback on_connection;
  void *(*on_target)(void *, const char *, struct MHD_Connection *);
  size_t (*unescape)(void *, struct MHD_Connection *, char *);
};

static inline unsigned cmhd_flags(void) { return MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME; }

/* Driven from outside: no thread of the library's own. The port is ignored, the socket is given. */
static inline struct MHD_Daemon *cmhd_start(const struct cmhd_settings *s) {
  return MHD_start_daemon(
      cmhd_flags(), 1, NULL, NULL, s->on_request, s->context,
      MHD_OPTION_LISTEN_SOCKET, s->listener,
      MHD_OPTION_CONNECTION_LIMIT, s->connections_maximum,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, s->connections_per_address_maximum,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, s->memory_per_connection,
      MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)4096,
      MHD_OPTION_CONNECTION_TIMEOUT, s->idle_timeout_seconds,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_NOTIFY_COMPLETED, s->on_completed, s->context,
      MHD_OPTION_NOTIFY_CONNECTION, s->on_connection, s->context,
      MHD_OPTION_URI_LOG_CALLBACK, s->on_target, s->context,
      MHD_OPTION_UNESCAPE_CALLBACK, s->unescape, s->context,
      MHD_OPTION_END);
}
static inline int cmhd_epoll_descriptor(struct MHD_Daemon *d) {
  const union MHD_DaemonInfo *i = MHD_get_daemon_info(d, MHD_DAEMON_INFO_EPOLL_FD);
  return i ? i->epoll_fd : -1;
}
static inline int cmhd_listener(struct MHD_Daemon *d) {
  const union MHD_DaemonInfo *i = MHD_get_daemon_info(d, MHD_DAEMON_INFO_LISTEN_FD);
  return i ? i->listen_fd : -1;
}
static inline unsigned cmhd_daemon_flags(struct MHD_Daemon *d) {
  const union MHD_DaemonInfo *i = MHD_get_daemon_info(d, MHD_DAEMON_INFO_FLAGS);
  return i ? (unsigned)i->flags : 0;
}
static inline int cmhd_descriptor(struct MHD_Connection *c) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
  return i ? i->connect_fd : -1;
}
static inline const struct sockaddr *cmhd_peer(struct MHD_Connection *c) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return i ? i->client_addr : NULL;
}
static inline void *cmhd_connection_context(struct MHD_Connection *c) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return i ? i->socket_context : NULL;
}
static inline int cmhd_has_started(enum MHD_ConnectionNotificationCode code) {
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}
static inline int cmhd_head_fields(struct MHD_Connection *c, MHD_KeyValueIteratorN each, void *context) {
  return MHD_get_connection_values_n(c, MHD_HEADER_KIND, each, context);
}
/* Takes a target's query away before the library reads it, which costs 64 bytes of the connection's memory a pair and closes
   the connection where these do not suffice. The target lies in that memory, which nobody reads in between: with a zero byte in
   place of its first character, the library sees an empty query. Returns the query, or NULL if the target has none. Put `first`
   back before reading it. */
static inline char *cmhd_take_query(const char *target, char *first) {
  char *mark = strchr((char *)target, '?');
  if (!mark || !mark[1]) return NULL;
  *first = mark[1];
  mark[1] = 0;
  return mark + 1;
}
static inline const char *cmhd_header(struct MHD_Connection *c, const char *name) {
  return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}
static inline struct MHD_Response *cmhd_response(const void *bytes, size_t count) {
  return MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}
static inline int cmhd_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
#endif
