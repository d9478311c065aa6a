package dev.starling.loadtest;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The load tool: {@code java -jar starling-loadtest-<version>.jar <scenario> …}. */
@Command(
        name = "loadtest",
        description = "Puts load on a server and proves what it delivered.",
        subcommands = {
            RampScenario.class,
            FanoutScenario.class,
            PublishScenario.class,
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
                .setExecutionExceptionHandler((exception, command, parsed) -> failed(exception, command))
                .execute(args);
    }

    private static int failed(Exception exception, CommandLine command) {
        if (exception instanceof IllegalArgumentException) {
            command.getErr().println(exception.getMessage());
            command.getErr().println("All options: " + command.getCommandSpec().qualifiedName() + " --help");
            return CommandLine.ExitCode.USAGE;
        }
        if (exception instanceof ServerGoneException) {
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
