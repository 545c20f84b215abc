package io.tidemill.guarantees.processes;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Write keys, made by the command that people make them with.
final class ProjectKeys {

    private ProjectKeys() {}

    /// @return secrets by project
    static Map<String, String> create(List<String> projects, Jvm jvm, Path folder)
            throws InterruptedException {
        CommandLine commands = new CommandLine(jvm, folder.resolve("keys.log"));
        Map<String, String> keys = new LinkedHashMap<>();
        for (String project : projects) {
            String json =
                    commands.run(
                            Map.of("TIDEMILL_PROJECTS_FILE", Parts.projectsFile(folder).toString()),
                            List.of("keys", "create", project, "--write", "--json"));
            keys.put(
                    project,
                    JsonMapper.shared()
                            .readTree(json)
                            .path("keys")
                            .path(0)
                            .path("secret")
                            .asString());
        }
        return keys;
    }
}
