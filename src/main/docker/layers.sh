#!/bin/sh
# Takes the server's jar apart into what becomes layers of the image, the seldom changed first: layers.sh <jar> <directory>
#   dependencies, snapshot-dependencies   lib/*.jar
#   native                                native/*.so: read from there, they need no directory to be unpacked to (and /tmp may be noexec)
#   application                           starling.jar, which names the others
# With the JDK on the PATH.
set -eu
mkdir -p "$2"
directory=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$1" "$work/starling.jar"
java -Djarmode=tools -jar "$work/starling.jar" extract --layers --destination "$directory" --force

mkdir -p "$directory/native/native" "$work/native"
for jar in "$directory"/dependencies/lib/netty-*-native-*-linux-*.jar; do
    (cd "$work/native" && jar xf "$jar" META-INF/native)
done
cp "$work"/native/META-INF/native/*.so "$directory/native/native/"
