package io.tidemill.guarantees;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/// Whoever judges stands outside.
class GuaranteesArchitectureTest {

    private final JavaClasses own =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.tidemill.guarantees");

    @Test
    void theJudgeSharesNoCodeWithThePartsThatItJudges() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.tidemill.ingest..",
                        "io.tidemill.rollup..",
                        "io.tidemill.sink..",
                        "io.tidemill.query..",
                        "io.tidemill.projects..",
                        "io.tidemill.launcher..",
                        "io.tidemill.testkit..")
                .check(own);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.tidemill.guarantees.(*)..").should().beFreeOfCycles().check(own);
    }
}
