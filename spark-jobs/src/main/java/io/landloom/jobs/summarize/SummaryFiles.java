package io.landloom.jobs.summarize;

import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.run.Staging;
import io.landloom.jobs.table.ClassDriftTable;
import io.landloom.jobs.table.ClassDriftTable.ClassDrift;
import io.landloom.jobs.table.ClassProportionsTable;
import io.landloom.jobs.table.ClassProportionsTable.ClassProportion;
import io.landloom.jobs.table.RunProportionsTable;
import io.landloom.jobs.table.RunProportionsTable.RunProportion;
import io.landloom.jobs.table.Table;
import io.landloom.jobs.table.TableFile;
import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import scala.Tuple2;

/**
 * Writes the tables of a summary from one pass over its sums; travels to the task.
 *
 * @param target where the run is staged
 * @param scheme the land-cover scheme
 * @param runs the summed runs, oldest first
 * @param lineage further entries of the footers
 */
public record SummaryFiles(
    Staging.Target target, LandCoverScheme scheme, List<String> runs, Map<String, String> lineage)
    implements Serializable {
  /** The tables of a summary. */
  public static final List<String> TABLES =
      List.of(ClassProportionsTable.NAME, RunProportionsTable.NAME, ClassDriftTable.NAME);

  /** All is one bucket: it is small, and its rows are compared with each other. */
  private static final int BUCKET = 0;

  /**
   * Writes and stages the tables.
   *
   * @param populations sums of each population, in the order of populations
   * @param attempt id of the attempt
   */
  public void write(
      Iterator<Tuple2<Population, Iterable<ClassSum>>> populations,
      String attempt,
      Configuration configuration)
      throws IOException {
    Drifts drifts = new Drifts(runs);
    try (TableFile<ClassProportion> all =
            create(new ClassProportionsTable(), attempt, configuration);
        TableFile<RunProportion> byRun = create(new RunProportionsTable(), attempt, configuration);
        TableFile<ClassDrift> drift = create(new ClassDriftTable(), attempt, configuration)) {
      while (populations.hasNext()) {
        Tuple2<Population, Iterable<ClassSum>> next = populations.next();
        Population population = next._1();
        List<ClassProportion> shares = ClassSum.proportions(population, next._2(), scheme);
        for (ClassProportion share : shares) {
          if (population.sourceRun() == null) {
            all.append(share);
          } else {
            byRun.append(new RunProportion(population.sourceRun(), share));
          }
        }
        drifts.add(population, shares);
      }
      for (ClassDrift row : drifts.all()) {
        drift.append(row);
      }
    }
    target.stage(BUCKET, attempt, configuration);
  }

  private <R> TableFile<R> create(Table<R> table, String attempt, Configuration configuration)
      throws IOException {
    return TableFile.create(
        table,
        target.attempt(table.name(), BUCKET, attempt),
        BUCKET,
        attempt,
        lineage,
        configuration);
  }
}
