#!/bin/bash
# Leaves starling.aot in the server's directory: the classes as the JVM has them after start-up, and what it learned of them under
# load. train.sh <directory> <redis-server> [seconds of each load, 5]
# The server is started as in the image and joined to a Redis. Uses the ports 9380 and 9379 of 127.0.0.1; takes half a minute.
set -eu
tools=$(cd "$(dirname "$0")" && pwd)
redis_server=$2
seconds=${3:-5}
cd "$1"
work=$(mktemp -d)
STARLING_SECURITY_JWT_SECRET=$(head -c 48 /dev/urandom | base64 -w 0)
export STARLING_SECURITY_JWT_SECRET SERVER_PORT=9380

finish() {
    status=$?
    if ((status != 0)); then
        tail -n 50 "$work"/*.log
    fi
    kill $(jobs -p) 2> /dev/null && wait
    rm -rf "$work"
    exit $status
}
trap finish EXIT

load() {
    java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -jar loadtest.jar "$@" \
        --url "ws://127.0.0.1:$SERVER_PORT/ws" --secret "$STARLING_SECURITY_JWT_SECRET" --json
}

"$redis_server" --port 9379 --bind 127.0.0.1 --save '' --dir "$work" > "$work/redis.log" 2>&1 &
rm -f starling.aot
java -XX:AOTCacheOutput=starling.aot @jvm.options -jar starling.jar \
    --starling.broker.type=redis --spring.data.redis.host=127.0.0.1 --spring.data.redis.port=9379 \
    --starling.limits.max-connections-per-ip=0 --starling.limits.connect-rate=0 --starling.limits.message-rate=0 \
    '--starling.channels[0].pattern=load:*' '--starling.channels[0].subscribe=token' \
    '--starling.channels[0].publish=token' '--starling.channels[0].history-size=1000' > "$work/server.log" 2>&1 &
server=$!
for ((i = 0; i < 600; i++)); do
    if "$tools/health.sh" /readyz 2> /dev/null; then
        break
    fi
    kill -0 $server
    sleep 0.1
done

load ramp --churn 2000 --at-once 20 --warm-up 0
load fanout --connections 200 --publish-rate 20 --warm-up 0s --duration "${seconds}s"
load storm --connections 100 --publish-rate 20 --duration "${seconds}s"

kill -TERM $server
wait $server || [[ $? == 143 ]]
[[ -s starling.aot ]]
