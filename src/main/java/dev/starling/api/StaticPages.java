package dev.starling.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;
import org.springframework.util.DigestUtils;

/**
 * The files below {@code static/} of the class path, each with its path from there, such as {@code /console/app.js}. They are
 * read once, so that no event loop waits for a disk, and a path that was not found then leads nowhere. Immutable.
 */
final class StaticPages {

    private static final String ROOT = "/static/";

    private final Map<String, Page> pages = new HashMap<>();

    private StaticPages() {}

    /**
     * One file.
     *
     * @param etag changes with the content (RFC 9110, section 8.8.3)
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Page(byte[] content, MediaType type, String etag) {}

    /** Reads them all. */
    static StaticPages load(ResourcePatternResolver classPath) {
        StaticPages pages = new StaticPages();
        try {
            for (Resource file : classPath.getResources("classpath:" + ROOT + "**")) {
                if (file.isReadable()) {
                    String url = file.getURL().getPath();
                    pages.pages.put(url.substring(url.lastIndexOf(ROOT) + ROOT.length() - 1), page(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pages;
    }

    private static Page page(Resource file) throws IOException {
        byte[] content = file.getContentAsByteArray();
        return new Page(content, type(String.valueOf(file.getFilename())), DigestUtils.md5DigestAsHex(content));
    }

    private static MediaType type(String name) {
        if (name.endsWith(".yaml")) {
            return MediaType.APPLICATION_YAML;
        }
        MediaType type = name.endsWith(".ts") // which Spring takes for a film
                ? MediaType.TEXT_PLAIN
                : MediaTypeFactory.getMediaType(name).orElse(MediaType.APPLICATION_OCTET_STREAM);
        return type.getType().equals("text") ? new MediaType(type, StandardCharsets.UTF_8) : type;
    }

    /** The file at a path. */
    @Nullable
    Page at(String path) {
        return pages.get(path);
    }
}
