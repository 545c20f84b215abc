package io.tidemill.ingest.parsing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemill.contract.JsonText;
import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.Set;

/// `properties` or `metadata` on their way into an event: the bytes as they were sent, with members
/// that are added behind. No value is ever written anew, so every number and escape stays as it
/// was.
final class SentObject {

    private static final byte[] EMPTY = {'{', '}'};

    /// The bytes up to the closing brace, without it.
    private final ByteArrayOutputStream open = new ByteArrayOutputStream();

    private final Set<String> keys;

    /// An object without members.
    SentObject() {
        this(EMPTY, 0, EMPTY.length, new HashSet<>());
    }

    /// @param from where its opening brace stands in `json`
    /// @param to behind its closing brace
    /// @param keys its own keys; kept, not copied
    SentObject(byte[] json, int from, int to, Set<String> keys) {
        open.write(json, from, to - from - 1);
        this.keys = keys;
    }

    boolean has(String key) {
        return keys.contains(key);
    }

    int size() {
        return keys.size();
    }

    /// Adds the bytes of a member, `"key": value`.
    ///
    /// @param key must not be there yet
    void add(String key, byte[] json, int from, int to) {
        if (!keys.isEmpty()) {
            open.write(',');
        }
        open.write(json, from, to - from);
        keys.add(key);
    }

    /// Adds a whole object under a key of plain ASCII letters.
    void add(String key, SentObject value) {
        byte[] json = value.json().utf8();
        byte[] name = ('"' + key + "\":").getBytes(US_ASCII);
        ByteArrayOutputStream member = new ByteArrayOutputStream(name.length + json.length);
        member.writeBytes(name);
        member.writeBytes(json);
        add(key, member.toByteArray(), 0, member.size());
    }

    JsonText json() {
        byte[] bytes = new byte[open.size() + 1];
        System.arraycopy(open.toByteArray(), 0, bytes, 0, open.size());
        bytes[open.size()] = '}';
        return JsonText.ofUtf8(bytes);
    }
}
