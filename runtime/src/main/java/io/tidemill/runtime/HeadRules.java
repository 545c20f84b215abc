package io.tidemill.runtime;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which heads of requests are taken: those that every server and every proxy on the way reads the
/// same (RFC 9112). What two might read differently is refused, so that nobody can smuggle a
/// request past one of them.
final class HeadRules {

    private HeadRules() {}

    /// @return null when the head is taken
    static @Nullable FrontError check(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return refusalOf(request.decoderResult().cause());
        }
        HttpHeaders headers = request.headers();
        HttpVersion version = request.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            return FrontError.HTTP_VERSION_NOT_SUPPORTED;
        }
        if (request.method().equals(HttpMethod.CONNECT)) {
            return FrontError.METHOD_NOT_ALLOWED;
        }
        if (!isOneCoding(headers) || !isHost(request) || !isTarget(request)) {
            return FrontError.MALFORMED_REQUEST;
        }
        for (String expectation : headers.getAll(HttpHeaderNames.EXPECT)) {
            if (!HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expectation)) {
                return FrontError.EXPECTATION_FAILED;
            }
        }
        return null;
    }

    /// What the decoder found wrong.
    static FrontError refusalOf(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException _ -> FrontError.URI_TOO_LONG;
            case TooLongHttpHeaderException _ -> FrontError.HEADERS_TOO_LARGE;
            case IllegalArgumentException e
                    when String.valueOf(e.getMessage()).startsWith("Unsupported version") ->
                    FrontError.HTTP_VERSION_NOT_SUPPORTED;
            default -> FrontError.MALFORMED_REQUEST;
        };
    }

    /// A body comes in chunks or in one piece, and never compressed for the transfer alone.
    private static boolean isOneCoding(HttpHeaders headers) {
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return codings.isEmpty()
                || (codings.size() == 1
                        && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst()));
    }

    private static boolean isHost(HttpRequest request) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.isEmpty()) {
            return request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        }
        return hosts.size() == 1 && isAuthority(hosts.getFirst());
    }

    private static boolean isTarget(HttpRequest request) {
        String target = request.uri();
        if (!target.chars().allMatch(it -> it > ' ' && it < 0x7f && it != '#')) {
            return false;
        }
        if (target.startsWith("/")) {
            return true;
        }
        if (target.equals("*")) {
            return request.method().equals(HttpMethod.OPTIONS);
        }
        return isAbsolute(target, request.headers().get(HttpHeaderNames.HOST));
    }

    /// A whole address names the same host as the header does.
    private static boolean isAbsolute(String target, @Nullable String host) {
        int scheme = target.indexOf("://");
        if (scheme < 0
                || !List.of("http", "https")
                        .contains(target.substring(0, scheme).toLowerCase(Locale.ROOT))) {
            return false;
        }
        int from = scheme + 3;
        int to = from;
        while (to < target.length() && target.charAt(to) != '/' && target.charAt(to) != '?') {
            to++;
        }
        String authority = target.substring(from, to);
        return isAuthority(authority) && (host == null || authority.equalsIgnoreCase(host));
    }

    /// A name or an address, and perhaps a port; no user and no password.
    private static boolean isAuthority(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(it ->
                                (it >= 'a' && it <= 'z')
                                        || (it >= 'A' && it <= 'Z')
                                        || (it >= '0' && it <= '9')
                                        || ".-_:[]%~".indexOf(it) >= 0);
    }
}
