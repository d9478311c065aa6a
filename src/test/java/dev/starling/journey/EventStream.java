package dev.starling.journey;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of an event stream, which understands it as browsers do. Events wait in its inbox until a test takes them. */
final class EventStream implements AutoCloseable {

    /**
     * An event.
     *
     * @param type {@code message} if it has no name
     * @param id what it says itself; empty if it says none
     * @param retryMillis what it says of that; 0 if nothing
     * @param data its lines, joined
     */
    record Event(String type, String id, long retryMillis, String data) {

        private static Event parse(String block) {
            String type = "message";
            String id = "";
            long retry = 0;
            List<String> data = new ArrayList<>();
            for (String line : block.split("\n", -1)) {
                String value = line.substring(line.indexOf(':') + 2);
                switch (line.substring(0, line.indexOf(':'))) {
                    case "event" -> type = value;
                    case "id" -> id = value;
                    case "retry" -> retry = Long.parseLong(value);
                    case "data" -> data.add(value);
                    default -> throw new AssertionError("no field of an event: " + line);
                }
            }
            return new Event(type, id, retry, String.join("\n", data));
        }

        JsonNode json() {
            return JSON.readTree(data);
        }
    }

    private static final Duration BOUND = Duration.ofSeconds(15);
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(BOUND)
            .build();

    private final InputStream in;
    private final AutoCloseable connection;
    private final Inbox inbox = new Inbox();
    private volatile int comments;

    private EventStream(InputStream in, AutoCloseable connection) {
        this.in = in;
        this.connection = connection;
    }

    static String path(String channel) {
        return "/api/channels/" + channel + "/events";
    }

    /** The stream of a channel for alice, once her subscription stands; {@code headers} are names and values in turn. */
    static EventStream open(ServerProcess server, String channel, String... headers) {
        return open(server, path(channel), Tokens.standard(), headers);
    }

    /** The same of any path and for anybody, without waiting. */
    static EventStream open(ServerProcess server, String path, Tokens token, String... headers) {
        return open(server.port(), path, token, headers);
    }

    static EventStream open(int port, String path, Tokens token, String... headers) {
        HttpResponse<InputStream> answer = ask(port, path, token, headers);
        if (answer.statusCode() != 200) {
            throw new AssertionError("no stream: " + answer);
        }
        return new EventStream(answer.body(), answer.body()).read();
    }

    /** The answer itself. */
    static HttpResponse<InputStream> ask(int port, String path, Tokens token, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .header("Authorization", "Bearer " + token.sign());
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return HTTP.send(request.build(), BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** A stream that is not read before {@link #read}, with a receive buffer that is full soon. */
    static EventStream stalled(ServerProcess server, String channel) {
        RawClient client = RawClient.connectNarrow(server.port(), 4096);
        String token = Tokens.standard().subject("stalled").sign();
        HttpAnswer answer = client.request("GET", path(channel), "Authorization: Bearer " + token);
        if (answer.status() != 200) {
            throw new AssertionError("no stream: " + answer);
        }
        return new EventStream(client.body(), client);
    }

    /** Begins to read. */
    EventStream read() {
        Thread reader = new Thread(this::readAll, "event-stream");
        reader.setDaemon(true);
        reader.start();
        return this;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private void readAll() {
        StringBuilder block = new StringBuilder();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(":")) {
                    comments++;
                } else if (!line.isEmpty()) {
                    block.append(block.isEmpty() ? "" : "\n").append(line);
                } else if (!block.isEmpty()) {
                    inbox.add(block.toString());
                    block.setLength(0);
                }
            }
        } catch (IOException e) {
            // cut off, which is an end, too
        } finally {
            inbox.end();
        }
    }

    /** Takes the first event of this type out of the inbox, waiting for it. */
    Event await(String type) {
        return await(event -> event.type().equals(type));
    }

    /** Takes the first event that matches out of the inbox, waiting for it; all others stay. */
    Event await(Predicate<Event> wanted) {
        return Event.parse(inbox.take(block -> wanted.test(Event.parse(block)), BOUND));
    }

    /** Takes the next of all events. */
    Event next() {
        return await(event -> true);
    }

    /** Waits until the stream is over, and returns what is left of it. */
    List<Event> awaitEnd(Duration bound) {
        inbox.awaitEnd(bound);
        return inbox.takeAll().stream().map(Event::parse).toList();
    }

    int comments() {
        return comments;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
