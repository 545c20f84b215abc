package io.tidemill.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProjectsTest {

    private static final String WRITE = "wk_of-the-shop-0001";
    private static final String READ = "rk_of-the-shop-0001";
    private static final Projects PROJECTS =
            Projects.of(
                    List.of(
                            Project.named("shop")
                                    .with(Keys.writing("k_1", WRITE))
                                    .with(Keys.reading("k_2", READ)),
                            Project.named("blog")));

    @Test
    void aKeyOpensItsProjectForItsUseAlone() {
        assertThat(PROJECTS.authorize(WRITE, KeyUse.WRITE))
                .isInstanceOfSatisfying(
                        Access.Granted.class,
                        granted -> assertThat(granted.project().id()).isEqualTo("shop"));
        assertThat(PROJECTS.authorize(WRITE, KeyUse.READ)).isInstanceOf(Access.WrongUse.class);
        assertThat(PROJECTS.authorize(READ, KeyUse.READ)).isInstanceOf(Access.Granted.class);
        assertThat(PROJECTS.authorize(READ, KeyUse.WRITE)).isInstanceOf(Access.WrongUse.class);
    }

    @Test
    void noKeyAndAKeyThatNobodyHasAreTheSame() {
        assertThat(PROJECTS.authorize(null, KeyUse.WRITE))
                .isEqualTo(PROJECTS.authorize("wk_of-the-shop-0002", KeyUse.WRITE))
                .isEqualTo(PROJECTS.authorize("", KeyUse.READ))
                .isEqualTo(new Access.Unknown());
    }

    @Test
    void aKeyMayBeGoodForBoth() {
        ProjectKey both =
                new ProjectKey(
                        "k_3",
                        KeyHash.of("an-imported-secret"),
                        Set.of(KeyUse.WRITE, KeyUse.READ),
                        Keys.MADE_AT,
                        "");
        Projects projects = PROJECTS.with("blog", both);

        assertThat(projects.authorize("an-imported-secret", KeyUse.WRITE))
                .isInstanceOf(Access.Granted.class);
        assertThat(projects.authorize("an-imported-secret", KeyUse.READ))
                .isInstanceOf(Access.Granted.class);
    }

    @Test
    void withoutAFileAnythingOpensTheOpenProject() {
        for (String key : new String[] {null, "", WRITE}) {
            assertThat(Projects.open().authorize(key, KeyUse.WRITE))
                    .isEqualTo(new Access.Granted(Project.named("default")));
        }
    }

    @Test
    void theFirstKeyClosesTheOpenProject() {
        // when
        Projects projects = Projects.open().with("shop", Keys.writing("k_1", WRITE));

        // then
        assertThat(projects.isOpen()).isFalse();
        assertThat(projects.all()).extracting(Project::id).containsExactly("shop");
        assertThat(projects.authorize(null, KeyUse.READ)).isInstanceOf(Access.Unknown.class);
    }

    @Test
    void withoutItsLastKeyNothingIsOpen() {
        // when
        Projects projects = PROJECTS.withoutKeys(_ -> true);

        // then
        assertThat(projects.isOpen()).isFalse();
        assertThat(projects.hasKeys()).isFalse();
        assertThat(projects.all()).extracting(Project::id).containsExactly("blog", "shop");
        assertThat(projects.authorize(WRITE, KeyUse.WRITE)).isInstanceOf(Access.Unknown.class);
    }

    @Test
    void oneSecretIsNotTwoKeysNorOneIdTwice() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PROJECTS.with("blog", Keys.writing("k_9", WRITE)))
                .withMessageContaining("k_9")
                .withMessageNotContaining(WRITE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PROJECTS.with("blog", Keys.writing("k_1", "another-secret-01")))
                .withMessageContaining("k_1");
    }
}
