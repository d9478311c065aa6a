#!/bin/bash
# Whether the node of this container is well, asked by the shell alone: health.sh [/livez | /readyz]
# SERVER_PORT is the server's own setting. Not for a server that ends TLS itself.
set -eu
exec 3<> "/dev/tcp/127.0.0.1/${SERVER_PORT:-8080}"
printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "${1:-/livez}" >&3
read -r -t 5 _ status _ <&3
[[ $status == 200 ]]
