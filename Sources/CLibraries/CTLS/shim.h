#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

/* Function-like macros that Swift does not import. */
static inline int orderrelay_set_least_version(SSL_CTX *context) {
    return (int)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}
static const uint64_t SSL_OP_NO_RENEGOTIATION_VALUE = SSL_OP_NO_RENEGOTIATION;
