package dev.taximeter.contract;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.taximeter");

  @Test
  void theParserKnowsNoKafka() {
    noClasses()
        .that()
        .resideInAPackage("dev.taximeter.parse..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.kafka..", "dev.taximeter.ship..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void theShipperKnowsNoLogFormat() {
    noClasses()
        .that()
        .resideInAPackage("dev.taximeter.ship..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.taximeter.parse..")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void contractsDependOnNothingThatUsesThem() {
    noClasses()
        .that()
        .resideInAPackage("dev.taximeter.contract..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.taximeter.parse..", "dev.taximeter.ship..")
        .check(CLASSES);
  }

  @Test
  void pricingIsPure() {
    noClasses()
        .that()
        .resideInAPackage("dev.taximeter.contract.rating..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.kafka..",
            "tools.jackson..",
            "com.fasterxml..",
            "dev.taximeter.contract.json..")
        .orShould()
        .callMethod(Instant.class, "now")
        .check(CLASSES);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("dev.taximeter.contract.(*)..").should().beFreeOfCycles().check(CLASSES);
    slices().matching("dev.taximeter.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void moneyIsNeverFloatingPoint() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.taximeter.contract.money..",
            "dev.taximeter.contract.catalog..",
            "dev.taximeter.contract.rating..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Double.class)
        .check(CLASSES);
  }
}
