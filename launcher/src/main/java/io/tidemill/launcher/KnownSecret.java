package io.tidemill.launcher;

import io.tidemill.projects.KeyUse;
import io.tidemill.projects.Secret;
import io.tidemill.runtime.StartupException;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A secret that somebody has already, as the command line is told it. No message shows it.
final class KnownSecret {

    private KnownSecret() {}

    /// @param argument null or `-` when it is on stdin, or to be typed unseen
    /// @throws StartupException when it can't be a key
    static Secret read(@Nullable String argument) {
        return secret(argument == null || argument.equals("-") ? readSecret() : argument);
    }

    /// What its prefix says that it is for.
    ///
    /// @throws StartupException when it says nothing
    static Set<KeyUse> usesOf(Secret secret) {
        for (KeyUse use : KeyUse.values()) {
            if (secret.reveal().startsWith(use.prefix())) {
                return Set.of(use);
            }
        }
        throw new StartupException(
                "say what the key is for: --write, --read or both (it begins with neither wk_ nor"
                        + " rk_)");
    }

    private static Secret secret(String text) {
        try {
            return Secret.of(text.strip());
        } catch (IllegalArgumentException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
    }

    private static String readSecret() {
        Optional<Console> terminal =
                Optional.ofNullable(System.console()).filter(Console::isTerminal);
        if (terminal.isPresent()) {
            char[] typed = terminal.get().readPassword("secret: ");
            return typed == null ? "" : new String(typed);
        }
        try {
            String line =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                            .readLine();
            return line == null ? "" : line;
        } catch (IOException e) {
            throw new StartupException("can't read the secret from stdin: " + e.getMessage(), e);
        }
    }
}
