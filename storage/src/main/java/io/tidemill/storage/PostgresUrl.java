package io.tidemill.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.runtime.Setting;
import java.net.URI;
import java.net.URLDecoder;
import java.util.Properties;

/// Where Postgres is: `postgresql://user:password@host:port/database`, user and password
/// percent-encoded where they need it.
public record PostgresUrl(String host, int port, String database, String user, String password) {

    private static final int DEFAULT_PORT = 5432;
    private static final String FORM = "postgresql://user:password@host:port/database";

    public static final Setting<String> SETTING =
            Setting.text(
                    "TIDEMILL_POSTGRES_URL",
                    "",
                    "Postgres, as `" + FORM + "`; `up` starts none of its own when this is set");

    /// @throws IllegalArgumentException when the text has another form; the message holds no
    ///   password
    public static PostgresUrl parse(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            // Not kept as the cause: its message repeats the text, and with it the password.
            throw new IllegalArgumentException("is not of the form " + FORM);
        }
        String userInfo = uri.getRawUserInfo();
        String path = uri.getRawPath();
        boolean scheme = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
        if (!scheme
                || uri.getHost() == null
                || userInfo == null
                || path == null
                || path.length() < 2) {
            throw new IllegalArgumentException("is not of the form " + FORM);
        }
        int colon = userInfo.indexOf(':');
        return new PostgresUrl(
                uri.getHost(),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                decode(path.substring(1)),
                decode(colon < 0 ? userInfo : userInfo.substring(0, colon)),
                colon < 0 ? "" : decode(userInfo.substring(colon + 1)));
    }

    /// The address for JDBC, without credentials.
    public String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    /// The credentials and limits for JDBC.
    public Properties jdbcProperties() {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("ApplicationName", "tidemill");
        return properties;
    }

    /// Without the password.
    @Override
    public String toString() {
        return "postgresql://" + user + "@" + host + ":" + port + "/" + database;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
    }
}
