#pragma once
#include <string.h>
#include <zlib.h>

/// Begins to inflate; `window_bits` as zlib.h says: 15 zlib's form, 15 + 16 gzip's, -15 without either. The macro that
/// zlib has for this is not imported.
static inline int czlib_begin(z_stream *stream, int window_bits) {
    memset(stream, 0, sizeof *stream);
    return inflateInit2(stream, window_bits);
}
