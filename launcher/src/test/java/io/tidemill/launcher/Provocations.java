package io.tidemill.launcher;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.ingest.parsing.Rejection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/// A request for every code of the ingest side that a request alone can bring about. A new code
/// does not compile until it has one, or says why not.
final class Provocations {

    private static final String GOOD = "\"event_type\":\"t\",\"session_id\":\"s\"";

    private final String address;

    /// @param address of the server, as `http://host:port`
    Provocations(String address) {
        this.address = address;
    }

    /// What brings the code about; empty when it takes more than a request.
    ///
    /// @param path of an ingest route
    Optional<HttpRequest> of(Rejection code, String path) {
        return switch (code) {
            case NOT_AN_OBJECT -> json(path, "5");
            case EVENT_TOO_LARGE -> event(path, "\"x\":\"" + "x".repeat(300_000) + "\"");
            case EVENT_TYPE_MISSING -> json(path, "{\"session_id\":\"s\"}");
            case ACTOR_MISSING ->
                    path.endsWith("track")
                            ? Optional.empty()
                            : json(path, "{\"event_type\":\"t\"}");
            case SESSION_ID_MISSING ->
                    path.endsWith("track")
                            ? json(path, "{\"event_type\":\"t\"}")
                            : Optional.empty();
            case TIMESTAMP_MISSING -> event(path, "\"event_id\":\"order-17\"");
            case TIMESTAMP_INVALID -> event(path, "\"timestamp\":\"yesterday\"");
            case TIMESTAMP_IN_FUTURE -> event(path, "\"timestamp\":\"9999-01-01T00:00:00Z\"");
            case TIMESTAMP_TOO_OLD -> event(path, "\"timestamp\":1760749200");
            case WRONG_TYPE -> event(path, "\"properties\":[]");
            case TOO_LONG -> event(path, "\"action\":\"" + "a".repeat(201) + "\"");
            case CONTROL_CHARACTER -> json(path, "{\"event_type\":\"a\\nb\",\"session_id\":\"s\"}");
            case DUPLICATE_FIELD -> event(path, "\"sessionId\":\"s\"");
            case DUPLICATE_KEY -> event(path, "\"x\":1,\"\\u0078\":2");
            case NUL_CHARACTER -> event(path, "\"action\":\"\\u0000\"");
            case LONE_SURROGATE -> event(path, "\"action\":\"\\ud800\"");
            case NUMBER_OUT_OF_RANGE -> event(path, "\"x\":1e400");
            case NUMBER_TOO_LONG -> event(path, "\"x\":0." + "1".repeat(400));
            case TOO_DEEP -> event(path, "\"x\":" + "[".repeat(17) + "]".repeat(17));
            case TOO_MANY_KEYS -> event(path, keys(256));
            case MALFORMED_JSON -> json(path, "{");
            case INVALID_UTF8 ->
                    request(
                            path,
                            "application/json",
                            event("\"action\":\"é\"").getBytes(ISO_8859_1));
            case NO_EVENTS -> json(path, "");
            case CONTENT_ENCODING_BROKEN -> encoded(path, "gzip", event("").getBytes(UTF_8));
            case UNSUPPORTED_CONTENT_ENCODING -> encoded(path, "br", event("").getBytes(UTF_8));
            case UNSUPPORTED_MEDIA_TYPE -> request(path, "text/html", event("").getBytes(UTF_8));
            case REQUEST_TOO_LARGE -> encoded(path, "gzip", gzip(new byte[(10 << 20) + 1]));
            case TOO_MANY_EVENTS ->
                    path.endsWith("track")
                            ? Optional.empty()
                            : json(path, "[" + "1,".repeat(5_000) + "1]");
            // Of a gateway whose Kafka is away.
            case KAFKA_UNAVAILABLE -> Optional.empty();
            // Where there are keys: KeysIT and RateLimitsIT of the gateway, and TenantsIT.
            case UNAUTHORIZED, WRONG_KEY_KIND, RATE_LIMITED, INGEST_DISABLED -> Optional.empty();
            // OutageIT and EventsHandlerIT of the gateway bring these about.
            case NOT_DURABLE, OVERLOADED, DRAINING -> Optional.empty();
        };
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path))
                .header("Origin", "https://example.org");
    }

    static String event(String fields) {
        return "{" + GOOD + (fields.isEmpty() ? "" : ",") + fields + "}";
    }

    private Optional<HttpRequest> event(String path, String fields) {
        return json(path, event(fields));
    }

    private Optional<HttpRequest> json(String path, String body) {
        return request(path, "application/json", body.getBytes(UTF_8));
    }

    private Optional<HttpRequest> encoded(String path, String encoding, byte[] body) {
        return Optional.of(
                request(path)
                        .header("Content-Type", "application/json")
                        .header("Content-Encoding", encoding)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build());
    }

    private Optional<HttpRequest> request(String path, String contentType, byte[] body) {
        return Optional.of(
                request(path)
                        .header("Content-Type", contentType)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build());
    }

    private static byte[] gzip(byte[] body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static String keys(int number) {
        StringBuilder keys = new StringBuilder("\"k\":0");
        for (int i = 1; i < number; i++) {
            keys.append(",\"k").append(i).append("\":0");
        }
        return keys.toString();
    }
}
