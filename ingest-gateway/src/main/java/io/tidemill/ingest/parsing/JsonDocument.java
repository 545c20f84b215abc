package io.tidemill.ingest.parsing;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/// One JSON text within some bytes, and the parser that reads it. Knows where in the bytes each
/// token stands.
final class JsonDocument implements AutoCloseable {

    /// Where reading gives up on a whole text; the limits of events are much lower.
    static final int MAX_DEPTH = 1000;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
    private static final int DECODED_CHARS = 2048;
    private static final StreamReadConstraints CONSTRAINTS =
            StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    // The body bounds all lengths, and those of events are checked one by one.
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build();

    private final SurrogateEscapes surrogates;
    private final byte[] bytes;
    private final int from;
    private final JsonParser parser;

    /// @param factory one per request, from {@link #factory()}
    /// @param from where in the bytes of `text` this one begins
    /// @param to where it ends
    JsonDocument(JsonFactory factory, SurrogateEscapes text, int from, int to) {
        this.surrogates = text;
        this.bytes = text.json();
        this.from = from;
        this.parser = factory.createParser(ObjectReadContext.empty(), bytes, from, to - from);
    }

    /// Makes parsers for one request. A factory remembers the names it has seen, so none is shared:
    /// the names that strangers send are forgotten with their request.
    static JsonFactory factory() {
        return JsonFactory.builder()
                .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
                .streamReadConstraints(CONSTRAINTS)
                .build();
    }

    /// Where the text begins: behind a byte order mark, if there is one.
    static int start(byte[] bytes) {
        boolean marked =
                bytes.length >= BYTE_ORDER_MARK.length
                        && bytes[0] == BYTE_ORDER_MARK[0]
                        && bytes[1] == BYTE_ORDER_MARK[1]
                        && bytes[2] == BYTE_ORDER_MARK[2];
        return marked ? BYTE_ORDER_MARK.length : 0;
    }

    /// Whether the bytes are UTF-8, strictly: no overlong form, no surrogate, nothing cut short.
    /// The parser is not that strict.
    static boolean isUtf8(byte[] bytes, int from, int to) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
        CharBuffer decoded = CharBuffer.allocate(DECODED_CHARS);
        CoderResult result;
        do {
            decoded.clear();
            result = decoder.decode(in, decoded, true);
        } while (result.isOverflow());
        return !result.isError();
    }

    JsonParser parser() {
        return parser;
    }

    byte[] bytes() {
        return bytes;
    }

    /// Where in the bytes the current token begins.
    int tokenStart() {
        return from + (int) parser.currentTokenLocation().getByteOffset();
    }

    /// Where in the bytes the current token ends.
    int tokenEnd() {
        parser.finishToken();
        return from + (int) parser.currentLocation().getByteOffset();
    }

    /// Whether the current token, a string or a key, was sent with half of a surrogate pair.
    boolean tokenHoldsLoneSurrogate() {
        return surrogates.anyWithin(tokenStart(), tokenEnd());
    }

    /// How many objects and arrays are open.
    int depth() {
        return parser.streamReadContext().getNestingDepth();
    }

    /// Reads on until no more than `depth` objects and arrays are open.
    void skipToDepth(int depth) {
        while (depth() > depth) {
            parser.nextToken();
        }
    }

    /// Reads on to the end of the member that the parser is in, its name included.
    ///
    /// @param depth of the member's object
    void skipMember(int depth) {
        if (depth() == depth && parser.currentToken() == JsonToken.PROPERTY_NAME) {
            parser.nextToken();
        }
        skipToDepth(depth);
    }

    /// @throws RefusedException when anything but white space follows
    void requireEnd() {
        if (parser.nextToken() != null) {
            throw new RefusedException(
                    Rejection.MALFORMED_JSON,
                    "something follows the JSON value at byte " + tokenStart());
        }
    }

    /// What to tell the sender about text that the parser gave up on.
    RefusedException refusal(JacksonException e) {
        if (e instanceof StreamConstraintsException) {
            return depth() >= MAX_DEPTH
                    ? new RefusedException(
                            Rejection.TOO_DEEP, "the JSON is nested deeper than " + MAX_DEPTH)
                    : new RefusedException(
                            Rejection.TOO_MANY_KEYS, "the JSON has too many different keys");
        }
        return new RefusedException(
                Rejection.MALFORMED_JSON,
                "the JSON is broken at byte " + (from + parser.currentLocation().getByteOffset()));
    }

    @Override
    public void close() {
        parser.close();
    }
}
