package io.tidemill.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUrlTest {

    @Test
    void allPartsAreRead() {
        PostgresUrl url = PostgresUrl.parse("postgresql://ann:s3cret@db.example:15432/events");

        assertThat(url).isEqualTo(new PostgresUrl("db.example", 15432, "events", "ann", "s3cret"));
        assertThat(url.jdbcUrl()).isEqualTo("jdbc:postgresql://db.example:15432/events");
    }

    @Test
    void thePortAndThePasswordMayBeMissing() {
        PostgresUrl url = PostgresUrl.parse("postgres://ann@localhost/events");

        assertThat(url).isEqualTo(new PostgresUrl("localhost", 5432, "events", "ann", ""));
    }

    @Test
    void percentEncodedCredentialsAreDecodedAndAPlusStaysAPlus() {
        PostgresUrl url = PostgresUrl.parse("postgresql://a%40b:p%3A%2Fw+%25@host/d%20b");

        assertThat(url.user()).isEqualTo("a@b");
        assertThat(url.password()).isEqualTo("p:/w+%");
        assertThat(url.database()).isEqualTo("d b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host:5432/db",
                "mysql://u:hidden@host/db",
                "postgresql://host/db",
                "postgresql://u:hidden@host",
                "postgresql://u:hidden@host/",
                "postgresql://u:hidden@/db",
                "postgresql://u:hid den@host/db"
            })
    void otherFormsAreRefusedWithoutRepeatingThePassword(String text) {
        assertThatThrownBy(() -> PostgresUrl.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("is not of the form postgresql://")
                .hasMessageNotContaining("hid")
                .hasNoCause();
    }

    @Test
    void thePasswordIsNotShown() {
        PostgresUrl url = PostgresUrl.parse("postgresql://ann:s3cret@host/db");

        assertThat(url.toString()).isEqualTo("postgresql://ann@host:5432/db");
    }
}
