package io.landloom.jobs;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.landloom.jobs.run.ProcessEnd;
import java.io.Serializable;
import java.nio.file.Files;
import org.apache.hadoop.fs.AbstractFileSystem;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;

/** Who may know whom, as docs/ARCHITECTURE.md says. */
@AnalyzeClasses(packages = "io.landloom", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule modulesBelowSparkAreFreeOfIt =
      noClasses()
          .that()
          .resideInAnyPackage("io.landloom.geo..", "io.landloom.synthesis..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "scala..");

  @ArchTest
  static final ArchRule geoKnowsNoNetworks =
      noClasses()
          .that()
          .resideInAPackage("io.landloom.geo..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "io.landloom.synthesis..", "io.landloom.jobs..");

  @ArchTest
  static final ArchRule synthesisKnowsNoJobs =
      noClasses()
          .that()
          .resideInAPackage("io.landloom.synthesis..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.landloom.jobs..", "io.landloom.udf..");

  @ArchTest
  static final ArchRule functionsKnowGeoAlone =
      noClasses()
          .that()
          .resideInAPackage("io.landloom.udf..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.landloom.synthesis..", "io.landloom.jobs..", "ai.djl..");

  @ArchTest
  static final ArchRule onlyTensorSeesThePyTorchBinding =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.landloom.synthesis.tensor..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl.pytorch..");

  @ArchTest
  static final ArchRule onlyMainExitsAndTheGuardOfExecutors =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.landloom.jobs.Main")
          .and()
          .doNotHaveFullyQualifiedName("io.landloom.jobs.synthesize.ExecutorGuard")
          .and()
          .doNotHaveFullyQualifiedName("io.landloom.jobs.run.ProcessEnd")
          .should()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "halt", int.class)
          .orShould()
          .callMethod(ProcessEnd.class, "now", int.class);

  @ArchTest
  static final ArchRule onlyRunsRenameOrDelete =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.landloom.jobs.run..")
          .should()
          .callMethodWhere(
              target(nameMatching("rename.*|delete.*|move"))
                  .and(
                      target(
                          owner(
                              assignableTo(FileSystem.class)
                                  .or(assignableTo(FileContext.class))
                                  .or(assignableTo(AbstractFileSystem.class))
                                  .or(assignableTo(Files.class))))));

  @ArchTest
  static final ArchRule geoPackagesHaveNoCycles =
      slices().matching("io.landloom.geo.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule synthesisPackagesHaveNoCycles =
      slices().matching("io.landloom.synthesis.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule jobPackagesHaveNoCycles =
      slices().matching("io.landloom.jobs.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule jobPackagesDoNotKnowTheJobs =
      noClasses()
          .that()
          .resideInAPackage("io.landloom.jobs.*..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.landloom.jobs");

  @ArchTest
  static final ArchRule whatTravelsToTasksIsSerializable =
      classes()
          .that()
          .resideInAnyPackage("io.landloom.geo.landcover..")
          .and()
          .areRecords()
          .should()
          .beAssignableTo(Serializable.class);
}
