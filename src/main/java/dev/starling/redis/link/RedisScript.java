package dev.starling.redis.link;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.Base16;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/**
 * A script that Redis runs as one step, from one or more files of the resources of {@code dev.starling.redis}.
 *
 * @param <T> what it answers: {@code byte[]} for VALUE, {@code Long} for INTEGER, {@code List<Object>} for MULTI
 */
public final class RedisScript<T> {

    private final byte[] text;
    private final String digest;
    private final ScriptOutputType output;

    /** @param before files that the script needs before its own */
    public RedisScript(String file, ScriptOutputType output, String... before) {
        this.text = bytes(Stream.of(before).map(RedisScript::read).collect(Collectors.joining()) + read(file));
        this.digest = Base16.digest(text);
        this.output = output;
    }

    private static String read(String file) {
        try (InputStream in = RedisScript.class.getResourceAsStream("/dev/starling/redis/" + file)) {
            if (in == null) {
                throw new IllegalArgumentException("there is no script " + file);
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs it, by its digest, or with its text where Redis does not know that (yet, or no more). Fails as
     * {@link RedisFault#refusal} says.
     *
     * @param keys all that it touches, of one slot
     */
    public Mono<T> run(RedisClusterAsyncCommands<String, byte[]> commands, String[] keys, byte[]... arguments) {
        return Mono.<T>fromCompletionStage(() -> commands.evalsha(digest, output, keys, arguments))
                .onErrorResume(
                        RedisNoScriptException.class,
                        unknown -> Mono.fromCompletionStage(() -> commands.eval(text, output, keys, arguments)))
                .onErrorMap(RedisFault::refusal);
    }

    public static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    public static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }
}
