#!/bin/sh
# usage: make_certificates.sh DIR: an authority (ca.pem), a certificate of it for localhost and 127.0.0.1 (good.pem,
# good.key), and one for another host (other.pem, other.key).
set -e
cd "$1"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout ca.key -out ca.pem \
    -subj "/CN=OrderRelay test authority" 2>/dev/null
sign() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" \
        -subj "/CN=$2" 2>/dev/null
    printf 'subjectAltName=%s\n' "$3" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.pem" \
        2>/dev/null
}
sign good localhost "DNS:localhost,IP:127.0.0.1"
sign other elsewhere.example "DNS:elsewhere.example"
