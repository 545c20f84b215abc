package io.tidemill.ingest.parsing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.projects.SentKey;
import io.tidemill.testkit.Fuzz;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Keys in bodies and headers, whatever stands around them.
class KeyFuzzTest {

    private static final JsonMapper REFERENCE =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(2_000)
                                                    .maxNumberLength(1_000_000)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final List<String> KEYS = List.of("wk_1", "wk_2", "rk_1 x", "Bearer", "\u007f");
    private static final List<String> SPACES = List.of("", " ", "  ", "\t");

    @Test
    void theKeyOfABodyIsWhatAnotherParserFindsThere() {
        Fuzz.inputs(random -> {
            byte[] body = new HostileBodies(random).json();
            Optional<String> key = BodyKey.in(body);
            assertThat(BodyKey.in(body)).isEqualTo(key);
            reference(body).ifPresent(expected -> assertThat(key).isEqualTo(expected));
        });
    }

    @Test
    void theKeyOfHeadersIsTheOneThatTheyAgreeOn() {
        Fuzz.inputs(random -> {
            Set<String> sent = new HashSet<>();
            List<String> authorization = new ArrayList<>();
            List<String> apiKey = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                String key = pick(KEYS, random);
                String padded = pick(SPACES, random) + key + pick(SPACES, random);
                switch (random.nextInt(3)) {
                    case 0 -> authorization.add("Basic " + padded);
                    case 1 -> {
                        sent.add(key);
                        authorization.add((random.nextBoolean() ? "Bearer " : "bEARER ") + padded);
                    }
                    default -> {
                        sent.add(key);
                        apiKey.add(padded);
                    }
                }
            }

            Optional<String> key = SentKey.in(authorization, apiKey);

            assertThat(key.isPresent()).isEqualTo(!sent.isEmpty());
            key.ifPresent(it -> assertThat(it).isEqualTo(sent.size() == 1 ? one(sent) : ""));
        });
    }

    /// What the body's object says; nothing when the other parser can't say, or has no opinion on
    /// which of two counts.
    private static Optional<Optional<String>> reference(byte[] body) {
        String text = new String(body, UTF_8).replaceFirst("^\ufeff", "");
        JsonNode tree;
        try {
            tree = REFERENCE.readTree(text);
        } catch (JacksonException e) {
            return Optional.empty();
        }
        boolean isSure = !text.contains("\ufffd") && !(tree.has("api_key") && tree.has("apiKey"));
        return isSure
                ? Optional.of(
                        Stream.of("api_key", "apiKey")
                                .map(tree::path)
                                .filter(JsonNode::isString)
                                .map(JsonNode::asString)
                                .map(KeyFuzzTest::withoutHalfPairs)
                                .findFirst())
                : Optional.empty();
    }

    /// As bodies are read: no key holds half of a surrogate pair.
    private static String withoutHalfPairs(String text) {
        return text.codePoints()
                .map(it -> it >= 0xd800 && it <= 0xdfff ? 0 : it)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static String one(Set<String> keys) {
        return keys.iterator().next();
    }

    private static String pick(List<String> texts, RandomGenerator random) {
        return texts.get(random.nextInt(texts.size()));
    }
}
