package io.tidemill.launcher;

import io.tidemill.launcher.send.SendCommand;
import io.tidemill.runtime.InvalidSettingsException;
import io.tidemill.runtime.StartupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// The command line. What a person can mend is told in lines on stderr, without a stack trace, with
/// exit code 1; a wrong option or argument has exit code 2.
@Command(
        name = "tidemill",
        description = "Product-analytics events over HTTP, exact hourly rollups in Postgres.",
        subcommands = {
            UpCommand.class,
            RunCommand.class,
            SendCommand.class,
            VerifyCommand.class,
            KeysCommand.class,
            RetentionCommand.class,
            PartitionsCommand.class,
            SettingsCommand.class,
            RebuildCommand.class,
            RejectedCommand.class,
            EraseCommand.class
        },
        versionProvider = Tidemill.Version.class,
        mixinStandardHelpOptions = true)
public final class Tidemill {

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return commandLine(new Tidemill());
    }

    /// @param command the whole command line, or a command of it alone
    static CommandLine commandLine(Object command) {
        return new CommandLine(command)
                .setExecutionExceptionHandler((e, failed, _) -> explain(e, failed));
    }

    private static int explain(Exception e, CommandLine command) {
        switch (e) {
            case StopSignal.StoppedException _ -> {
                return CommandLine.ExitCode.OK;
            }
            case StartupException _ -> command.getErr().println("tidemill: " + e.getMessage());
            case InvalidSettingsException invalid ->
                    invalid.problems()
                            .forEach(problem -> command.getErr().println("tidemill: " + problem));
            default -> {
                // Made here: `up` and `run` have moved the log by now.
                Logger log = LoggerFactory.getLogger(Tidemill.class);
                log.error("unexpected failure: {}", e.toString(), e);
            }
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"tidemill " + version()};
        }

        static String version() {
            String version = Tidemill.class.getPackage().getImplementationVersion();
            return version == null ? "in development" : version;
        }
    }
}
