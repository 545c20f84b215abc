package io.tidemill.launcher;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.slf4j.LoggerFactory;

/// Where a process logs to, from now on.
final class Logging {

    private Logging() {}

    /// Into a folder, bounded in size, and warnings of Tidemill's own to stderr.
    static void toFolder(Path folder) {
        configure("/logback-up.xml", Map.of("logs", folder.toString()));
    }

    /// To stdout, one line each.
    static void toConsole() {
        configure("/logback-run.xml", Map.of());
    }

    private static void configure(String resource, Map<String, String> properties) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        URL configuration = Objects.requireNonNull(Logging.class.getResource(resource), resource);
        context.reset();
        properties.forEach(context::putProperty);
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        try {
            configurator.doConfigure(configuration);
        } catch (JoranException e) {
            throw new IllegalStateException("the configuration of logging is broken", e);
        }
    }
}
