// Preloaded into a server: each fdatasync takes SLOW_DISK_MS milliseconds more, as on a disk that really writes.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    const char *delay = getenv("SLOW_DISK_MS");
    if (delay) usleep((useconds_t)atoi(delay) * 1000);
    return real(file);
}
