package io.tidemill.runtime;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// TLS 1.2 and 1.3 with a certificate that may be replaced while the server runs: new connections
/// get the new one. Files that can't be used leave the old one in place.
///
/// Thread-safe.
final class ReloadingTls extends SslContext implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ReloadingTls.class);

    private final TlsFiles files;
    private final Http2 http2;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("tls-files").factory());
    private List<FileTime> loadedAsOf; // by the watching thread alone, once that runs
    private volatile SslContext current;

    /// Whether HTTP/2 is offered beside HTTP/1.1.
    enum Http2 {
        OFF,
        OFFERED
    }

    /// @param every how often the files are looked at
    /// @throws StartupException when the files can't be used
    static ReloadingTls start(TlsFiles files, Http2 http2, Duration every) {
        try {
            return new ReloadingTls(files, http2, every);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new StartupException(
                    "can't use the certificate "
                            + files.certificate()
                            + " with the key "
                            + files.key()
                            + ": both must be PEM files that belong together, the key not"
                            + " encrypted",
                    e);
        }
    }

    private ReloadingTls(TlsFiles files, Http2 http2, Duration every)
            throws IOException, GeneralSecurityException {
        this.files = files;
        this.http2 = http2;
        loadedAsOf = times();
        current = load();
        ScheduledFuture<?> _ =
                watch.scheduleWithFixedDelay(
                        this::reload, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void reload() {
        try {
            List<FileTime> now = times();
            if (!now.equals(loadedAsOf)) {
                loadedAsOf = now;
                current = load();
                log.info("certificate reloaded file={}", files.certificate());
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            log.warn(
                    "certificate not reloaded, the old one stays file={} reason={}",
                    files.certificate(),
                    e.toString());
        }
    }

    private List<FileTime> times() throws IOException {
        return List.of(
                Files.getLastModifiedTime(files.certificate()),
                Files.getLastModifiedTime(files.key()));
    }

    private SslContext load() throws IOException, GeneralSecurityException {
        X509Certificate[] chain = toX509Certificates(files.certificate().toFile());
        PrivateKey key = toPrivateKey(files.key().toFile(), null);
        requirePair(chain[0].getPublicKey(), key);
        SslContextBuilder builder =
                SslContextBuilder.forServer(key, chain)
                        .sslProvider(SslProvider.JDK)
                        .protocols("TLSv1.3", "TLSv1.2");
        return switch (http2) {
            case OFF -> builder.build();
            case OFFERED ->
                    builder.ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                            .applicationProtocolConfig(
                                    new ApplicationProtocolConfig(
                                            Protocol.ALPN,
                                            SelectorFailureBehavior.NO_ADVERTISE,
                                            SelectedListenerFailureBehavior.ACCEPT,
                                            ApplicationProtocolNames.HTTP_2,
                                            ApplicationProtocolNames.HTTP_1_1))
                            .build();
        };
    }

    /// Of two that do not belong together the JDK would tell each client, in its handshake.
    private static void requirePair(PublicKey certified, PrivateKey key)
            throws GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key is not that of the certificate");
        }
    }

    @Override
    public boolean isClient() {
        return false;
    }

    @Override
    public List<String> cipherSuites() {
        return current.cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // The parent class still asks for it.
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return current.applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return current.newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
        return current.newEngine(allocator, peerHost, peerPort);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return current.sessionContext();
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
