package io.tidemill.guarantees.processes;

import io.tidemill.storage.PostgresUrl;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Makes the processes of gateways, streams and sinks, as `tidemill run` runs them.
final class Parts {

    static final String MAIN = "io.tidemill.launcher.Tidemill";

    private static final Map<String, Integer> HEAP_MEGABYTES =
            Map.of("gateway", 192, "streams", 256, "sink", 256);

    private final Jvm jvm;
    private final Path folder;
    private final FreePorts free;

    Parts(Jvm jvm, Path folder, FreePorts free) {
        this.jvm = jvm;
        this.folder = folder;
        this.free = free;
    }

    /// @param name such as `sink-1`
    /// @param postgres as this instance reaches it
    Instance make(String part, String name, String bootstrap, PostgresUrl postgres) {
        int port = free.next();
        Map<String, String> settings = new HashMap<>();
        settings.put("TIDEMILL_HTTP_PORT", Integer.toString(port));
        settings.put("TIDEMILL_DATA_DIR", folder.resolve(name).toString());
        settings.put("TIDEMILL_PROJECTS_FILE", projectsFile(folder).toString());
        settings.put("TIDEMILL_KAFKA_BOOTSTRAP", bootstrap);
        settings.put("TIDEMILL_ROLLUP_THREADS", "1");
        if (part.equals("sink")) {
            settings.put("TIDEMILL_POSTGRES_URL", address(postgres));
        }
        ManagedProcess process =
                new ManagedProcess(
                        name,
                        jvm.command(
                                HEAP_MEGABYTES.getOrDefault(part, 256), MAIN, List.of("run", part)),
                        Environment.with(settings),
                        folder.resolve(name + ".log"));
        return new Instance(part, process, port, folder.resolve(name));
    }

    static Path projectsFile(Path folder) {
        return folder.resolve("projects.json");
    }

    static String address(PostgresUrl url) {
        return "postgresql://%s:%s@%s:%d/%s"
                .formatted(url.user(), url.password(), url.host(), url.port(), url.database());
    }
}
