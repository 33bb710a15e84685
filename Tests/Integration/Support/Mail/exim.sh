#!/bin/sh
# usage: exim.sh DIR CERTIFICATES PORT: Debian's exim4 with STARTTLS and AUTH (robot, secret), delivering all mail to DIR/mail.
# Prints {"port": N} once it listens, and serves until standard input ends.
set -e
folder=$1
cp "$2/good.pem" "$2/good.key" "$folder"
port=$3
cat > "$folder/exim.conf" <<CONFIGURATION
primary_hostname = mail.test
keep_environment =
spool_directory = $folder/spool
log_file_path = $folder/%slog
pid_file_path = $folder/pid
local_interfaces = <; 127.0.0.1.$port
tls_advertise_hosts = *
tls_certificate = $folder/good.pem
tls_privatekey = $folder/good.key
auth_advertise_hosts = \${if def:tls_in_cipher {*}{}}
acl_smtp_rcpt = check
acl_smtp_data = accept
deliver_drop_privilege = true
begin acl
check:
  deny domains = refused.example
       message = <\$local_part@\$domain> is not known here
  require authenticated = *
  accept
begin routers
all:
  driver = accept
  transport = files
begin transports
files:
  driver = appendfile
  maildir_format
  directory = $folder/mail
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{robot}}{eq{\$auth3}{secret}}}}
  server_set_id = \$auth2
CONFIGURATION
mkdir -p "$folder/spool" "$folder/mail"
if [ "$(id -u)" = 0 ]; then
    chown -R Debian-exim "$folder"
    set -- runuser -u Debian-exim --
else
    set --
fi
"$@" exim4 -bdf -C "$folder/exim.conf" > /dev/null 2>&1 &
daemon=$!
python3 - "$port" <<'WAIT'
import socket, sys, time
for _ in range(200):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
        break
    except OSError:
        time.sleep(0.05)
else:
    sys.exit("exim4 does not listen")
WAIT
# Read now: when this ends, the folder may be gone already. It is written just after the listening begins.
for _ in $(seq 200); do
    exim=$(cat "$folder/pid" 2> /dev/null || true)
    [ -z "$exim" ] || break
    sleep 0.05
done
printf '{"port": %s}\n' "$port"
exec 3<&0  # a program in the background would get /dev/null as its standard input
cat <&3 > /dev/null &
trap 'kill "$exim" "$daemon" $! 2> /dev/null' EXIT
trap 'exit 0' TERM
wait $! || true
