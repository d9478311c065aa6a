#!/bin/bash
# Whether the node of this container is well: health.sh [/livez | /readyz]
# SERVER_PORT is the server's own setting. Asked by the shell alone, or by openssl where the server ends TLS itself: on plain text
# that one closes without a word. Whose certificate it has does not matter here.
set -eu
port=${SERVER_PORT:-8080}

ask() {
    printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1"
}

exec 3<> "/dev/tcp/127.0.0.1/$port"
ask "${1:-/livez}" >&3
said=0
read -r -t 5 _ status _ <&3 || said=$?
if ((said == 1)); then
    read -r -t 5 _ status _ < <(ask "${1:-/livez}" | timeout 5 openssl s_client -quiet -connect "127.0.0.1:$port" 2> /dev/null)
fi
[[ $status == 200 ]]
