#!/bin/bash
# What start-up costs: as one jar, taken apart, and with the AOT cache of the image. Wall time and processor time until /readyz, and
# the processor time of the first 2,000 connects after it. startup.sh <home of a JDK 25> <jar> <redis-server> [rounds, 5]
set -eu
here=$(cd "$(dirname "$0")/../../main/docker" && pwd)
export PATH=$1/bin:$PATH SERVER_PORT=9381 STARLING_SECURITY_JWT_SECRET=start-up-is-measured-with-these-40-bytes
jar=$(realpath "$2")
tool=$(realpath "$(dirname "$2")"/starling-loadtest-*.jar)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/layers.sh" "$jar" "$work/layers" > /dev/null
mkdir "$work/opt"
for layer in dependencies native application; do
    cp -a "$work/layers/$layer/." "$work/opt/"
done
cp "$here/jvm.options" "$work/opt/"
cp "$tool" "$work/opt/loadtest.jar"
"$here/train.sh" "$work/opt" "$(realpath "$3")" > /dev/null 2>&1
cd "$work/opt"

cpu_millis() {
    awk -v hertz="$(getconf CLK_TCK)" '{print int(($14 + $15) * 1000 / hertz)}' "/proc/$1/stat"
}

measure() {
    name=$1
    shift
    begin=$(date +%s%3N)
    "$@" --starling.limits.max-connections-per-ip=0 --starling.limits.connect-rate=0 > "$work/log" 2>&1 &
    server=$!
    until "$here/health.sh" /readyz 2> /dev/null; do
        kill -0 $server
        sleep 0.05
    done
    wall=$(($(date +%s%3N) - begin))
    ready=$(cpu_millis $server)
    java -XX:+UseSerialGC -jar "$tool" ramp --churn 2000 --at-once 20 --warm-up 0 \
        --url "ws://127.0.0.1:$SERVER_PORT/ws" --secret "$STARLING_SECURITY_JWT_SECRET" --json > /dev/null 2>&1
    connects=$(($(cpu_millis $server) - ready))
    echo "$name: ready after $wall ms, $ready ms of processor; first connects $connects ms; RSS $(awk '/VmRSS/ {print int($2 / 1024)}' /proc/$server/status) MB"
    kill -TERM $server
    wait $server || true
}

for ((round = 0; round < ${4:-5}; round++)); do
    measure "one jar" java -XX:+UseParallelGC -XX:+UseCompactObjectHeaders -XX:MaxRAMPercentage=50 -jar "$jar"
    measure "taken apart" java @jvm.options -jar starling.jar
    measure "AOT cache" java -XX:AOTCache=starling.aot @jvm.options -jar starling.jar
done
