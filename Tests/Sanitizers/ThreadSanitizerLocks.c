// Tells the thread sanitizer of locks and threads that it doesn't see by itself. Preloaded by `deploy/test`.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

extern void __tsan_acquire(void *);
extern void __tsan_release(void *);

// Swift's `Mutex` is taken and given back by atomic operations in our own code, which are seen; but where two threads meet,
// by these two functions of libswiftSynchronization (Swift 6.3), which are not instrumented. Without them a contended
// Mutex looks like none: 48 races that are none in DeliveryTests alone.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SELF __attribute__((swift_context)) void *

__attribute__((swiftcall)) void lock_slowly(uint32_t thread, SELF self) __asm__(LOCK);
__attribute__((swiftcall)) void lock_slowly(uint32_t thread, SELF self) {
    __attribute__((swiftcall)) void (*lock)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
    lock(thread, self);
    __tsan_acquire(self);
}

__attribute__((swiftcall)) void unlock_slowly(SELF self) __asm__(UNLOCK);
__attribute__((swiftcall)) void unlock_slowly(SELF self) {
    __attribute__((swiftcall)) void (*unlock)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
    __tsan_release(self);
    unlock(self);
}

// librdkafka makes its threads by C11's calls; the sanitizer knows those of POSIX only, and crashes in the first callback
// of a thread whose beginning it did not see.
struct start {
    thrd_start_t body;
    void *argument;
};

static void *run(void *context) {
    struct start start = *(struct start *)context;
    free(context);
    return (void *)(intptr_t)start.body(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t body, void *argument) {
    struct start *start = malloc(sizeof(struct start));
    if (start == NULL) return thrd_nomem;
    *start = (struct start){body, argument};
    if (pthread_create(thread, NULL, run, start) == 0) return thrd_success;
    free(start);
    return thrd_error;
}

int thrd_join(thrd_t thread, int *result) {
    void *value = NULL;
    if (pthread_join(thread, &value) != 0) return thrd_error;
    if (result != NULL) *result = (int)(intptr_t)value;
    return thrd_success;
}
