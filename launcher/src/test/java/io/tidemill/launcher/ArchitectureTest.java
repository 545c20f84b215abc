package io.tidemill.launcher;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.tidemill.runtime.Env;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// The arrows between the modules, and the rules that every class keeps.
class ArchitectureTest {

    /// What each module may know of the others. The launcher and the test kit may know all.
    private static final Map<String, Set<String>> MAY_KNOW =
            Map.of(
                    "contract", Set.of(),
                    "runtime", Set.of(),
                    "projects", Set.of("runtime"),
                    "storage", Set.of("runtime"),
                    "embedded", Set.of("runtime", "storage"),
                    "ingest", Set.of("contract", "runtime", "projects"),
                    "rollup", Set.of("contract", "runtime"),
                    "sink", Set.of("contract", "runtime", "projects", "storage"),
                    "query", Set.of("contract", "runtime", "projects", "storage"));

    private static JavaClasses all;

    @BeforeAll
    static void load() {
        all =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.tidemill");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "contract",
                "runtime",
                "projects",
                "storage",
                "embedded",
                "ingest",
                "rollup",
                "sink",
                "query"
            })
    void aModuleKnowsOnlyWhatItMay(String module) {
        String[] foreign =
                Stream.concat(
                                MAY_KNOW.keySet().stream(),
                                Stream.of("launcher", "testkit", "guarantees"))
                        .filter(other -> !other.equals(module))
                        .filter(other -> !MAY_KNOW.getOrDefault(module, Set.of()).contains(other))
                        .map(other -> "io.tidemill." + other + "..")
                        .toArray(String[]::new);

        noClasses()
                .that()
                .resideInAPackage("io.tidemill." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(foreign)
                .check(all);
    }

    @Test
    void theContractIsPure() {
        classes()
                .that()
                .resideInAPackage("io.tidemill.contract..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.tidemill.contract..",
                        "java.lang..",
                        "java.math..",
                        "java.nio..",
                        "java.security..",
                        "java.time..",
                        "java.util..",
                        "org.jspecify..",
                        "tools.jackson..")
                .check(all);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.tidemill.(*)..").should().beFreeOfCycles().check(all);
    }

    @Test
    void onlyEnvReadsTheEnvironment() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Env.class)
                .and()
                .resideOutsideOfPackage("io.tidemill.testkit..")
                .should()
                .callMethodWhere(
                        target(owner(assignableTo(System.class)))
                                .and(target(nameMatching("getenv"))))
                .check(all);
    }

    @Test
    void reactiveFlowsAreNotBlockedOn() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.tidemill.launcher..", "io.tidemill.testkit..")
                .should()
                .callMethodWhere(
                        target(owner(assignableTo(Mono.class).or(assignableTo(Flux.class))))
                                .and(target(nameMatching("block.*"))))
                .check(all);
    }

    @Test
    void nobodyPrintsButTheCommandLineAndTests() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.tidemill.launcher..", "io.tidemill.testkit..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(all);
    }

    @Test
    void classesAreFinalUnlessTheyCanNotBe() {
        classes()
                .that()
                .areTopLevelClasses()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .resideOutsideOfPackage("..generated..")
                .and()
                .haveSimpleNameNotStartingWith("package-info")
                .should()
                .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL)
                .check(all);
    }
}
