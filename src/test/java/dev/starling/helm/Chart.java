package dev.starling.helm;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The chart of this checkout, in the hands of Helm itself, as release {@code push} in namespace {@code live}. */
public final class Chart {

    static final Path DIRECTORY = Path.of("helm", "starling");
    static final String KUBERNETES = "1.34.0";

    private static final Path VALUES = Path.of("src", "test", "helm");

    private Chart() {}

    /** The names of all sets of values that the tests go through; of {@code default} there is no file. */
    static List<String> matrix() {
        try (Stream<Path> files = Files.list(VALUES)) {
            return Stream.concat(
                            Stream.of("default"),
                            files.map(file -> file.getFileName().toString().replace(".yaml", "")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it makes of one set of the matrix. */
    static Manifests renderSet(String name) {
        return render(valuesOf(name));
    }

    /**
     * What it makes of these values.
     *
     * @param values YAML
     * @throws IllegalStateException with Helm's message, if it refuses them
     */
    public static Manifests render(String values) {
        return render(DIRECTORY, values, KUBERNETES);
    }

    static Manifests render(Path chart, String values, String kubernetes) {
        return new Manifests(withFile(
                values,
                file -> new Helm(chart)
                        .template()
                        .withName("push")
                        .withNamespace("live")
                        .withKubeVersion(kubernetes)
                        .withValuesFile(file)
                        .call()));
    }

    /** What whoever installs one set of the matrix is told. */
    static String notes(String name) {
        String output = withFile(
                valuesOf(name),
                file -> new Helm(DIRECTORY)
                        .install()
                        .withName("push")
                        .withNamespace("live")
                        .withKubeVersion(KUBERNETES)
                        .clientOnly()
                        .withDryRunOption(DryRun.CLIENT)
                        .withValuesFile(file)
                        .call()
                        .getOutput());
        return output.substring(output.indexOf("NOTES:"));
    }

    static LintResult lint() {
        return new Helm(DIRECTORY).lint().strict().call();
    }

    private static String valuesOf(String name) {
        try {
            return name.equals("default") ? "{}" : Files.readString(VALUES.resolve(name + ".yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String withFile(String values, Rendering rendering) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            try {
                Files.writeString(file, values);
                return rendering.of(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Rendering {
        String of(Path values);
    }
}
