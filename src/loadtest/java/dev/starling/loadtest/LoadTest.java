package dev.starling.loadtest;

import dev.starling.loadtest.probe.ServerProbe;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The load tool: {@code java -jar starling-loadtest-<version>.jar <scenario> …}. */
@Command(
        name = "loadtest",
        description = "Puts load on a server and proves what it delivered.",
        subcommands = {
            RampScenario.class,
            FanoutScenario.class,
            FanoutScenario.Publish.class,
            PingScenario.class,
            StormScenario.class,
            SlowScenario.class,
            SoakScenario.class,
            DrainScenario.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is well",
            "1:messages were lost, or a limit was passed",
            "2:wrong use",
            "3:this machine does not suffice; the message says what helps",
            "4:the tool itself failed"
        })
public final class LoadTest implements Runnable {

    private static final int BROKEN = 4;

    @Option(
            names = {"-h", "--help"},
            description = "Says what there is.",
            usageHelp = true,
            scope = ScopeType.INHERIT)
    boolean help;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private LoadTest() {}

    /** Ends the process with the exit code of {@link #run}. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /**
     * Runs the tool.
     *
     * @param args the scenario and its options
     * @return the exit code of the process: 0 all is well, 1 messages were lost or a limit was passed, 2 wrong use, 3 this machine
     *     does not suffice, 4 the tool itself failed
     */
    static int run(String... args) {
        return new CommandLine(new LoadTest())
                .registerConverter(Duration.class, LoadTest::duration)
                .setExecutionExceptionHandler((exception, command, parsed) -> failed(exception, command))
                .execute(args);
    }

    /** Reads {@code 500ms}, {@code 10s}, {@code 5m}, {@code 2h}. */
    private static Duration duration(String text) {
        String trimmed = text.trim().toLowerCase(Locale.ROOT);
        if (!trimmed.matches("\\d{1,9}(ms|s|m|h)")) {
            throw new TypeConversionException("'" + text + "' is no time such as 500ms, 10s, 5m, 2h");
        }
        long number = Long.parseLong(trimmed.replaceAll("\\D", ""));
        return switch (trimmed.replaceAll("\\d", "")) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    private static int failed(Exception exception, CommandLine command) {
        if (exception instanceof IllegalArgumentException) {
            command.getErr().println(exception.getMessage());
            command.getErr().println("All options: " + command.getCommandSpec().qualifiedName() + " --help");
            return CommandLine.ExitCode.USAGE;
        }
        if (exception instanceof ServerProbe.GoneException) {
            command.getErr().println(exception.getMessage());
            return Scenario.FAILED;
        }
        exception.printStackTrace(command.getErr());
        return BROKEN;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say which scenario");
    }
}
