package io.tidemill.guarantees.processes;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// How a child process runs Java: on the JDK of this one.
///
/// @param classPath folders, jars, and folders of jars as `folder/*`; what stands first wins
public record Jvm(List<String> classPath) {

    public Jvm {
        classPath = List.copyOf(classPath);
    }

    /// The same, with other classes put before.
    public Jvm before(Path classes) {
        List<String> more = new ArrayList<>();
        more.add(classes.toString());
        more.addAll(classPath);
        return new Jvm(more);
    }

    /// @param heapMegabytes the most that it may have
    List<String> command(int heapMegabytes, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx" + heapMegabytes + "m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        // Short lives: compiled fast rather than well.
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        classPath.stream().collect(Collectors.joining(File.pathSeparator)),
                        mainClass));
        command.addAll(arguments);
        return command;
    }
}
