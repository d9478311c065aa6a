# docker build -t starling .     (BuildKit)
# docker run -p 8080:8080 --read-only --tmpfs /tmp starling --starling.channels[0].pattern='chat:*' …
# docker run --entrypoint java starling @jvm.options -jar loadtest.jar --help
# Settings: as arguments, as environment variables (STARLING_SECURITY_JWT_SECRET), or in /opt/starling/config/application.yml.
ARG JDK=eclipse-temurin:25-jdk
ARG JRE=eclipse-temurin:25-jre

FROM ${JDK} AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw -B -ntp -Dmaven.test.skip -Dspotless.check.skip package \
        dependency:copy-dependencies -DincludeArtifactIds=embedded-redis -DoutputDirectory=target/redis
RUN src/main/docker/layers.sh target/starling-[0-9]*.jar /layers \
    && cd target/redis && jar xf embedded-redis-*.jar && mv redis-server-*-linux-"$(dpkg --print-architecture)" /redis-server \
    && chmod +x /redis-server

# The cache is good for this very JVM and these very jars: both stages below have them from the same places.
FROM ${JRE} AS server
WORKDIR /opt/starling
COPY --from=build /layers/dependencies/ /layers/snapshot-dependencies/ ./
COPY --from=build /layers/native/ ./
COPY --from=build /layers/application/ ./
COPY --from=build /build/target/starling-loadtest-*.jar ./loadtest.jar
COPY src/main/docker/jvm.options src/main/docker/health.sh ./

FROM server AS training
COPY --from=build /redis-server /training/
COPY src/main/docker/ /training/
RUN /training/train.sh /opt/starling /training/redis-server

FROM server
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Starling" \
      org.opencontainers.image.description="A WebSocket pub/sub server" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=training /opt/starling/starling.aot ./
# Writes nowhere: the root file system may be read-only. Nobody's own number, so that Kubernetes can tell that it is not root.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["/opt/starling/health.sh", "/livez"]
# No shell: SIGTERM reaches the JVM, which drains. More flags: JAVA_TOOL_OPTIONS.
ENTRYPOINT ["java", "-XX:AOTCache=starling.aot", "@jvm.options", "-jar", "starling.jar"]
