#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
/// Writes the E.164 form of `text` into `out` (room for `size` bytes) and gives its length; 0 where it is no valid number.
/// Trunk zeros behind the country's code are left out. `is_international`: the text has its country's code, so that a
/// number of the right length suffices.
size_t cphones_e164(
    const char *text, size_t length, const char *country, int is_international, char *out, size_t size);
#ifdef __cplusplus
}
#endif
