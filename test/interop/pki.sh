#!/bin/sh
# Makes a throwaway PKI in ${PKI_DIR:-./pki}. Idempotent: does nothing when .done exists.
set -eu
D=${PKI_DIR:-$(dirname "$0")/pki}; mkdir -p "$D"; cd "$D"
[ -f .done ] && exit 0
umask 077
ca() { # name CN
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout "$1.key" -out "$1.pem" \
    -subj "/O=oauthpop interop/CN=$2" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null; }
leaf() { # name ca subj san eku keyopts...
  n=$1 ca=$2 subj=$3 san=$4 eku=$5; shift 5
  openssl req -new -nodes -keyout "$n.key" -out "$n.csr" -subj "$subj" "$@" 2>/dev/null
  printf 'subjectAltName=%s\nextendedKeyUsage=%s\nbasicConstraints=CA:FALSE\n' "$san" "$eku" > "$n.ext"
  openssl x509 -req -in "$n.csr" -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -days "${DAYS:-3650}" -extfile "$n.ext" -out "$n.pem" 2>/dev/null
  rm -f "$n.csr" "$n.ext"; }
ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256"; rsa="-newkey rsa:2048"
ca server-ca "interop server CA"; ca client-ca "interop client CA"; ca rogue-ca "rogue CA"
leaf server    server-ca "/CN=localhost" "DNS:localhost,IP:127.0.0.1,IP:::1" serverAuth $ec
leaf mtls-ca   client-ca "/C=NO/O=oauthpop interop/CN=mtls-ca-client" "DNS:mtls-ca.client.test,URI:urn:oauthpop:mtls-ca,email:mtls@client.test,IP:127.0.0.1" clientAuth $ec
leaf mtls-ca-rsa client-ca "/C=NO/O=oauthpop interop/CN=mtls-ca-client" "DNS:mtls-ca.client.test" clientAuth $rsa
leaf mtls-other client-ca "/C=NO/O=oauthpop interop/CN=someone-else" "DNS:other.client.test" clientAuth $ec
leaf mtls-rogue rogue-ca "/C=NO/O=oauthpop interop/CN=mtls-ca-client" "DNS:mtls-ca.client.test" clientAuth $ec
ss() { n=$1; shift; openssl req -x509 -nodes -days 3650 -keyout "$n.key" -out "$n.pem" -subj "/CN=$n" "$@" 2>/dev/null; }
ss mtls-self $ec; ss mtls-self-rsa $rsa; ss mtls-unregistered $ec
for k in pkjwt jar; do openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$k.key" 2>/dev/null; done
cat server.pem server-ca.pem > server-chain.pem
touch .done
