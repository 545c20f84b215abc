package io.tidemill.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {

    private final SecureRandom random = new SecureRandom();

    @Test
    void aMintedKeyBeginsWithItsUseAndIsNeverTheSame() {
        // when
        Set<String> minted = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            minted.add(Secret.mint(KeyUse.WRITE, random).reveal());
        }

        // then
        assertThat(minted).hasSize(1_000).allMatch(key -> key.matches("wk_[0-9A-Za-z]{32}"));
        assertThat(Secret.mint(KeyUse.READ, random).reveal()).startsWith("rk_");
    }

    @Test
    void neitherASecretNorItsHashShowsInText() {
        // given
        Secret secret = Secret.of("wk_0123456789abcdef");
        ProjectKey key = Keys.writing("k_1", secret.reveal());
        Project project = Project.named("shop").with(key);

        // then
        String hash = secret.hash().hex();
        assertThat(secret + "" + secret.hash() + key + project + new Access.Granted(project))
                .doesNotContain(secret.reveal(), hash, hash.substring(0, 8));
    }

    @Test
    void aHashIsTheSha256OfTheWholeKey() {
        assertThat(KeyHash.of("abc").hex())
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(KeyHash.of("abc"))
                .isEqualTo(KeyHash.ofHex(KeyHash.of("abc").hex()))
                .hasSameHashCodeAs(KeyHash.ofHex(KeyHash.of("abc").hex()))
                .isNotEqualTo(KeyHash.of("abd"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "short",
                "has a space in it",
                "has-a-newline\n-in-it",
                "umläute-sind-keine-zeichen"
            })
    void whatNoHeaderCarriesOrAnybodyGuessesIsNoKey(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Secret.of(text))
                .withMessageMatching("a key (has 16 to 255 characters|consists of ASCII .*)");
    }
}
