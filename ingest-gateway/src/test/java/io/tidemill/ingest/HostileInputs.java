package io.tidemill.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Bodies that a gateway on the open internet meets, each with its answer.
final class HostileInputs {

    /// One input.
    ///
    /// @param contentType empty for none
    /// @param encoding empty for none
    /// @param status of the answer
    /// @param code of the refusal or of the only event's verdict; null when it is accepted
    @SuppressWarnings("ArrayRecordComponent") // inputs are sent, never compared
    record Input(
            String name,
            String contentType,
            String encoding,
            byte[] body,
            int status,
            @Nullable String code) {

        @Override
        public String toString() {
            return name;
        }
    }

    private final List<Input> inputs = new ArrayList<>();

    /// All of them; those that are accepted have ids of their own, from `now`.
    static List<Input> all(long now) {
        HostileInputs all = new HostileInputs();
        HostileEncodings.addTo(all);
        HostileJson.addTo(all);
        HostileFields.addTo(all, now);
        return all.inputs;
    }

    void property(String name, String value, int status, @Nullable String code) {
        fields(name, "\"properties\":{\"p\":" + value + "}", status, code);
    }

    void fields(String name, String fields, int status, @Nullable String code) {
        json(name, event(fields), status, code);
    }

    void json(String name, String body, int status, @Nullable String code) {
        add(name, "application/json", "", body.getBytes(UTF_8), status, code);
    }

    void encoded(String name, String encoding, byte[] body, int status, String code) {
        add(name, "application/json", encoding, body, status, code);
    }

    void add(
            String name,
            String contentType,
            String encoding,
            byte[] body,
            int status,
            @Nullable String code) {
        inputs.add(
                new Input(
                        name.length() > 60 ? name.substring(0, 60) : name,
                        contentType,
                        encoding,
                        body,
                        status,
                        code));
    }

    static String event(String fields) {
        return "{\"event_type\":\"t\",\"session_id\":\"s\""
                + (fields.isEmpty() ? "" : ",")
                + fields
                + "}";
    }

    static String keys(int number) {
        StringBuilder keys = new StringBuilder("\"k\":0");
        for (int i = 1; i < number; i++) {
            keys.append(",\"k").append(i).append("\":0");
        }
        return keys.toString();
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
