package io.tidemill.guarantees.bugs;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.guarantees.processes.Jvm;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SeededBugTest {

    /// Also that each still fits the classes that it is planted in.
    @ParameterizedTest
    @EnumSource
    void aPlantedClassIsAValidOne(SeededBug bug, @TempDir Path folder) throws Exception {
        bug.plant(folder, new Jvm(List.of()));

        for (Path file : classes(folder)) {
            String name =
                    folder.relativize(file).toString().replace('/', '.').replaceAll(".class$", "");
            try (URLClassLoader loader = firstFrom(folder)) {
                Class<?> loaded = Class.forName(name, true, loader);
                assertThat(loaded.getClassLoader()).isSameAs(loader);
            }
        }
    }

    private static List<Path> classes(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".class")).toList();
        }
    }

    /// As a process under test has them: the planted classes first, then all others.
    private static URLClassLoader firstFrom(Path folder) throws IOException {
        List<URL> places = new ArrayList<>();
        places.add(folder.toUri().toURL());
        for (String place : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            places.add(Path.of(place).toUri().toURL());
        }
        return new URLClassLoader(places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }
}
