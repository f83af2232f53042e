package io.landloom.jobs.summarize;

import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.table.ClassProportionsTable.ClassProportion;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * Pixels of one class in a population.
 *
 * @param position place of the class in the scheme
 * @param pixels its pixels
 * @param patches patches or pairs of the population
 * @param patchesWithClass how many of them hold the class
 */
public record ClassSum(int position, long pixels, long patches, long patchesWithClass)
    implements Serializable {

  /** The sum that a row of the query holds. */
  public static ClassSum of(Row row) {
    return new ClassSum(
        row.getAs("position"),
        row.getAs("pixels"),
        row.getAs("patches"),
        row.getAs("patches_with_class"));
  }

  /**
   * Shares of all classes of a population, in the scheme's order.
   *
   * @param sums the population's sums, in any order
   */
  static List<ClassProportion> proportions(
      Population population, Iterable<ClassSum> sums, LandCoverScheme scheme) {
    List<ClassSum> sorted = new ArrayList<>();
    sums.forEach(sorted::add);
    sorted.sort(Comparator.comparingInt(ClassSum::position));
    int unknown = scheme.position(scheme.unknownIndex());
    long valid = 0;
    for (ClassSum sum : sorted) {
      valid += sum.position() == unknown ? 0 : sum.pixels();
    }
    List<ClassProportion> proportions = new ArrayList<>();
    for (ClassSum sum : sorted) {
      LandCoverClass landCoverClass = scheme.classes().get(sum.position());
      proportions.add(
          new ClassProportion(
              population.scope(),
              population.split(),
              population.sceneId(),
              sum.position(),
              landCoverClass.index(),
              landCoverClass.name(),
              sum.pixels(),
              sum.position() == unknown || valid == 0 ? null : (double) sum.pixels() / valid,
              sum.patches(),
              sum.patchesWithClass(),
              scheme.name()));
    }
    return proportions;
  }
}
