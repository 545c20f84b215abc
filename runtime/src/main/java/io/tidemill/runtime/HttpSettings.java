package io.tidemill.runtime;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a process listens for HTTP.
///
/// @param port 0 for any free one
/// @param adminPort where `/livez`, `/readyz` and `/metrics` are answered; the same as `port` when
///   both are equal
/// @param limits what a connection may take
/// @param tls null for HTTP in clear text; `adminPort` speaks that in any case
/// @param http2 whether `port` offers HTTP/2 beside HTTP/1.1
public record HttpSettings(
        String host,
        int port,
        int adminPort,
        FrontLimits limits,
        @Nullable TlsFiles tls,
        boolean http2) {

    public static final Setting<String> HOST =
            Setting.text(
                    "TIDEMILL_HTTP_HOST",
                    "127.0.0.1",
                    "the address that HTTP listens on; `0.0.0.0` for all");
    public static final Setting<Integer> PORT =
            Setting.port(
                    "TIDEMILL_HTTP_PORT", 8080, "the port that HTTP listens on; 0 for any free");
    public static final Setting<Integer> ADMIN_PORT =
            Setting.port(
                    "TIDEMILL_ADMIN_PORT",
                    0,
                    "serves `/livez`, `/readyz` and `/metrics` on this port only; 0 serves them"
                            + " beside the rest");

    public static final Setting<Boolean> ALLOW_OPEN =
            Setting.flag(
                    "TIDEMILL_ALLOW_OPEN",
                    false,
                    "allows HTTP without keys on an address that others can reach");
    public static final Setting<Duration> HEAD_TIMEOUT =
            Setting.duration(
                    "TIDEMILL_HTTP_HEAD_TIMEOUT",
                    "10s",
                    "how long the head of a request may take to arrive");
    public static final Setting<Duration> BODY_TIMEOUT =
            Setting.duration(
                    "TIDEMILL_HTTP_BODY_TIMEOUT",
                    "30s",
                    "how long the body of a request may take to arrive");
    public static final Setting<Duration> WRITE_TIMEOUT =
            Setting.duration(
                    "TIDEMILL_HTTP_WRITE_TIMEOUT",
                    "30s",
                    "how long a client may take to read a piece of an answer");
    public static final Setting<Duration> IDLE_TIMEOUT =
            Setting.duration(
                    "TIDEMILL_HTTP_IDLE_TIMEOUT",
                    "60s",
                    "how long a connection may stay open between requests");
    public static final Setting<Integer> MAX_CONNECTIONS =
            Setting.integer(
                    "TIDEMILL_HTTP_MAX_CONNECTIONS",
                    8192,
                    1,
                    1_000_000,
                    "connections at once on one port; more are closed as they come");

    public static final Setting<String> TLS_CERT =
            Setting.text(
                    "TIDEMILL_TLS_CERT",
                    "",
                    "PEM file of the server's certificate and those that vouch for it: the port"
                            + " speaks HTTPS alone; read again when it changes");
    public static final Setting<String> TLS_KEY =
            Setting.text(
                    "TIDEMILL_TLS_KEY", "", "PEM file of its private key, PKCS#8, not encrypted");
    public static final Setting<Boolean> HTTP2 =
            Setting.flag(
                    "TIDEMILL_HTTP2",
                    false,
                    "offers HTTP/2 beside HTTP/1.1: over TLS to clients that ask for it (ALPN), in"
                            + " clear text to those that begin with it (h2c)");

    public static final List<Setting<?>> SETTINGS =
            List.of(
                    HOST,
                    PORT,
                    ADMIN_PORT,
                    ALLOW_OPEN,
                    HEAD_TIMEOUT,
                    BODY_TIMEOUT,
                    WRITE_TIMEOUT,
                    IDLE_TIMEOUT,
                    MAX_CONNECTIONS,
                    TLS_CERT,
                    TLS_KEY,
                    HTTP2);

    /// All but the addresses as by default.
    public HttpSettings(String host, int port, int adminPort) {
        this(
                host,
                port,
                adminPort,
                new FrontLimits(
                        HEAD_TIMEOUT.defaultValue(),
                        BODY_TIMEOUT.defaultValue(),
                        WRITE_TIMEOUT.defaultValue(),
                        IDLE_TIMEOUT.defaultValue(),
                        MAX_CONNECTIONS.defaultValue()));
    }

    /// HTTP/1.1 in clear text.
    public HttpSettings(String host, int port, int adminPort, FrontLimits limits) {
        this(host, port, adminPort, limits, null, false);
    }

    public static HttpSettings from(Env env) {
        int port = env.get(PORT);
        int adminPort = env.get(ADMIN_PORT);
        return new HttpSettings(
                env.get(HOST),
                port,
                adminPort == 0 ? port : adminPort,
                new FrontLimits(
                        env.get(HEAD_TIMEOUT),
                        env.get(BODY_TIMEOUT),
                        env.get(WRITE_TIMEOUT),
                        env.get(IDLE_TIMEOUT),
                        env.get(MAX_CONNECTIONS)),
                tlsFiles(env),
                env.get(HTTP2));
    }

    private static @Nullable TlsFiles tlsFiles(Env env) {
        if (env.has(TLS_CERT) != env.has(TLS_KEY)) {
            env.problem(TLS_CERT.name() + " and " + TLS_KEY.name() + " are set together or not");
        }
        if (!env.has(TLS_CERT) || !env.has(TLS_KEY)) {
            return null;
        }
        return new TlsFiles(Path.of(env.get(TLS_CERT)), Path.of(env.get(TLS_KEY)));
    }

    /// `http` or `https`.
    public String scheme() {
        return tls == null ? "http" : "https";
    }

    /// Notes a mistake when data is served without keys where others than this machine can reach
    /// it.
    public static void requireLoopback(Env env) {
        String host = env.get(HOST);
        if (!env.get(ALLOW_OPEN) && !isLoopback(host)) {
            env.problem(
                    HOST.name()
                            + " is not a loopback address: "
                            + host
                            + "; without keys anybody could write and read, so set "
                            + ALLOW_OPEN.name()
                            + "=true if that is wanted");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    boolean hasAdminPort() {
        return adminPort != port;
    }
}
