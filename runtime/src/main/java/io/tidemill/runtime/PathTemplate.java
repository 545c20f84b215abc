package io.tidemill.runtime;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A path in which some segments are names in braces.
record PathTemplate(List<String> segments) {

    PathTemplate(String template) {
        this(List.of(template.split("/", -1)));
    }

    /// The path of a request's target, without its query, still encoded. A target may be a whole
    /// address (RFC 9112, 3.2.2), which then counts by its path alone.
    static String pathOf(String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        int scheme = path.indexOf("://");
        if (path.startsWith("/") || scheme < 0) {
            return path;
        }
        int slash = path.indexOf('/', scheme + 3);
        return slash < 0 ? "/" : path.substring(slash);
    }

    /// The named segments of a path that fits, decoded; null when it does not fit.
    @Nullable Map<String, String> match(String path) {
        String[] parts = path.split("/", -1);
        if (parts.length != segments.size()) {
            return null;
        }
        Map<String, String> params = new HashMap<>();
        for (int i = 0; i < parts.length; i++) {
            String segment = segments.get(i);
            if (segment.startsWith("{")) {
                String value = decode(parts[i]);
                if (value == null || value.isEmpty()) {
                    return null;
                }
                params.put(segment.substring(1, segment.length() - 1), value);
            } else if (!segment.equals(parts[i])) {
                return null;
            }
        }
        return params;
    }

    private static @Nullable String decode(String segment) {
        try {
            // In a path, unlike in a form, a plus sign is a plus sign.
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
