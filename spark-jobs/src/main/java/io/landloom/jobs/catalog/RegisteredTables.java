package io.landloom.jobs.catalog;

import io.landloom.jobs.run.DatasetRoot;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.RunRecord;
import io.landloom.jobs.table.ClassDriftTable;
import io.landloom.jobs.table.ClassProportionsTable;
import io.landloom.jobs.table.FeaturesTable;
import io.landloom.jobs.table.GateDecisionsTable;
import io.landloom.jobs.table.PairsTable;
import io.landloom.jobs.table.PatchClassesTable;
import io.landloom.jobs.table.PatchesTable;
import io.landloom.jobs.table.RunProportionsTable;
import io.landloom.jobs.table.SynthesisPlanTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A dataset's tables in a database of the session's catalog: external ones, with a partition for
 * each published run.
 *
 * <p>The files stay where they are. What the catalog holds of a dataset follows from what is
 * published, so bringing it up to date again does no harm.
 */
public final class RegisteredTables {
  private static final String RUN = "run_id";
  private static final String DATASET = "landloom.dataset";
  private static final List<String> TABLES =
      List.of(
          PatchesTable.NAME,
          PatchClassesTable.NAME,
          SynthesisPlanTable.NAME,
          PairsTable.NAME,
          GateDecisionsTable.NAME,
          ClassProportionsTable.NAME,
          RunProportionsTable.NAME,
          ClassDriftTable.NAME,
          FeaturesTable.NAME);

  private final SparkSession spark;
  private final String key;
  private final String database;

  /**
   * The tables in a database.
   *
   * @param key what the user calls the database's name
   * @throws JobException if there is no such database, or its name is none
   */
  public RegisteredTables(SparkSession spark, String key, String database) {
    this.spark = spark;
    this.key = key;
    this.database = database;
    if (!database.matches("\\w+")) {
      throw JobException.user(
          key + " = " + database + ": expected a database's name, of letters, digits and _");
    }
    if (!spark.catalog().databaseExists(database)) {
      throw JobException.user(
          key
              + " = "
              + database
              + ": the catalog has no such database; CREATE DATABASE "
              + database
              + ", or name another");
    }
  }

  /**
   * Makes the tables those of the dataset as it is published.
   *
   * @return how many partitions, so runs of tables, are registered
   * @throws JobException if a table of that name is not of this dataset
   */
  public int update(DatasetRoot dataset) throws IOException {
    List<RunRecord> runs = dataset.runs();
    int registered = 0;
    for (String table : TABLES) {
      Map<String, String> folders = new TreeMap<>();
      String newest = null;
      for (RunRecord run : runs) {
        if (!dataset.files(run.runId(), table).isEmpty()) {
          newest = dataset.table(run.runId(), table).toString();
          folders.put(run.runId().text(), newest);
        }
      }
      update(table, dataset.path().toString(), folders, newest);
      registered += folders.size();
    }
    return registered;
  }

  /**
   * Brings one table up to date.
   *
   * @param folders where the table of each published run is
   * @param newest the newest of them, null if there is none
   */
  private void update(String table, String root, Map<String, String> folders, String newest) {
    String name = database + "." + table;
    boolean there = spark.catalog().tableExists(database, table);
    if (there) {
      requireOwn(name, root);
    } else if (newest == null) {
      return;
    } else {
      create(name, root, spark.read().parquet(newest).schema());
    }
    if (there && newest != null) {
      addColumns(name, spark.read().parquet(newest).schema());
    }
    replacePartitions(name, folders);
    spark.catalog().refreshTable(name);
  }

  private void requireOwn(String name, String root) {
    String of =
        spark.sql("SHOW TBLPROPERTIES " + name).collectAsList().stream()
            .filter(row -> row.getString(0).equals(DATASET))
            .map(row -> row.getString(1))
            .findFirst()
            .orElse(null);
    if (!root.equals(of)) {
      throw JobException.user(
          key
              + " = "
              + database
              + ": the table "
              + name
              + " is "
              + (of == null ? "not one of Landloom's" : "of the dataset " + of)
              + ", not of "
              + root
              + "; name another database, or drop the table");
    }
  }

  private void create(String name, String root, StructType schema) {
    spark.sql(
        "CREATE TABLE "
            + name
            + " ("
            + schema.toDDL()
            + ", "
            + RUN
            + " STRING) USING parquet PARTITIONED BY ("
            + RUN
            + ") LOCATION "
            + quoted(root)
            + " TBLPROPERTIES ("
            + quoted(DATASET)
            + " = "
            + quoted(root)
            + ")");
  }

  /** Columns that a newer version of the program writes; older runs hold nulls there. */
  private void addColumns(String name, StructType schema) {
    Set<String> known = new TreeSet<>(Arrays.asList(spark.table(name).columns()));
    List<StructField> added =
        Arrays.stream(schema.fields()).filter(field -> !known.contains(field.name())).toList();
    if (!added.isEmpty()) {
      spark.sql(
          "ALTER TABLE "
              + name
              + " ADD COLUMNS ("
              + new StructType(added.toArray(StructField[]::new)).toDDL()
              + ")");
    }
  }

  /** What was retired goes first, so that no reader sees a scene twice. */
  private void replacePartitions(String name, Map<String, String> folders) {
    Set<String> known =
        spark.sql("SHOW PARTITIONS " + name).collectAsList().stream()
            .map((Row row) -> row.getString(0).substring(RUN.length() + 1))
            .collect(Collectors.toCollection(TreeSet::new));
    for (String run : known) {
      if (!folders.containsKey(run)) {
        spark.sql("ALTER TABLE " + name + " DROP IF EXISTS PARTITION " + partition(run));
      }
    }
    List<String> added = new ArrayList<>();
    folders.forEach(
        (run, folder) -> {
          if (!known.contains(run)) {
            added.add("PARTITION " + partition(run) + " LOCATION " + quoted(folder));
          }
        });
    if (!added.isEmpty()) {
      spark.sql("ALTER TABLE " + name + " ADD IF NOT EXISTS " + String.join(" ", added));
    }
  }

  private static String partition(String run) {
    return "(" + RUN + " = " + quoted(run) + ")";
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
