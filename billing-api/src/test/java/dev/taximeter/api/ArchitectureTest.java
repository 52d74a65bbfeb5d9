package dev.taximeter.api;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.RestController;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.taximeter.api");

  @Test
  void nothingDependsOnMetering() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.taximeter.streams..", "dev.taximeter.ship..", "org.apache.kafka.streams..")
        .check(CLASSES);
  }

  @Test
  void onlyTheKafkaPackageKnowsKafka() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.taximeter.api.kafka")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..")
        .check(CLASSES);
  }

  @Test
  void onlyTheClickHousePackageAndTheAuditKnowSql() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.taximeter.api", "dev.taximeter.api.clickhouse", "dev.taximeter.api.audit")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "javax.sql..", "com.clickhouse..")
        .check(CLASSES);
  }

  @Test
  void capabilitiesKnowPortsNotEngines() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.taximeter.api", "dev.taximeter.api.kafka", "dev.taximeter.api.clickhouse")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.taximeter.api.kafka", "dev.taximeter.api.clickhouse")
        .check(CLASSES);
  }

  /** A second path that used the first would agree with its mistakes. */
  @Test
  void theAuditSharesNothingWithRating() {
    classes()
        .that()
        .resideInAPackage("dev.taximeter.api.audit")
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackage("dev.taximeter..")
                .or(resideInAnyPackage("dev.taximeter.api.audit", "dev.taximeter.contract.json")))
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.taximeter.api.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void controllersAreNamedAsSuch() {
    classes()
        .that()
        .areAnnotatedWith(RestController.class)
        .should()
        .haveSimpleNameEndingWith("Controller")
        .check(CLASSES);
  }

  @Test
  void nothingPrintsButTheMainClass() {
    noClasses()
        .that()
        .doNotHaveSimpleName("BillingApi")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }
}
