package io.landloom.jobs.synthesize;

import io.landloom.geo.landcover.ClassMask;
import io.landloom.geo.landcover.LandCoverClass;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.jobs.table.PixelDecoder;
import io.landloom.jobs.table.PixelFormat;
import io.landloom.synthesis.diffusion.mask.TargetShares;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Finish;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Layout;
import io.landloom.synthesis.diffusion.model.LayoutSynthesizer.Request;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.example.data.Group;

/** Draws the layouts that a plan asks for, and counts how far they were from it. */
final class DrawnLayouts {
  /** Prefix of the footer entries that sum the errors after a finish, in millionths of a point. */
  static final String ERRORS = "landloom.layout_errors.";

  /** Footer entry that counts the layouts. */
  static final String COUNT = "landloom.layouts";

  /** Footer entry that counts the layouts that no draw brought within the tolerance. */
  static final String MISSED = "landloom.layouts_missed";

  private static final String SHARES = "layout_shares";

  private final LandCoverScheme scheme;
  private final LayoutSynthesizer synthesizer;
  private final Map<String, Double> errors = new TreeMap<>();
  private long count;
  private long missed;

  DrawnLayouts(LandCoverScheme scheme, LayoutSynthesizer synthesizer) {
    this.scheme = scheme;
    this.synthesizer = synthesizer;
  }

  /** Whether a row of a plan asks for a layout; a plan of an older version has no such column. */
  static boolean asks(Group row) {
    return row.getType().containsField(SHARES) && row.getFieldRepetitionCount(SHARES) > 0;
  }

  /** What a row asks for. */
  static Request request(Group row) {
    Group list = row.getGroup(SHARES, 0);
    double[] shares = new double[list.getFieldRepetitionCount(0)];
    for (int k = 0; k < shares.length; k++) {
      shares[k] = list.getGroup(0, k).getDouble(0, 0);
    }
    return new Request(row.getString("condition", 0), TargetShares.of(shares));
  }

  /** Masks of requests, in their order. */
  List<ClassMask> draw(List<Request> requests) {
    return synthesizer.draw(requests).stream().map(this::counted).toList();
  }

  private ClassMask counted(Layout layout) {
    count++;
    missed += layout.within() ? 0 : 1;
    for (Finish finish : layout.masks().keySet()) {
      double error = error(layout.request().target(), layout.shares(finish));
      errors.merge(finish.name(), error, Double::sum);
    }
    byte[] indices = layout.positions().clone();
    List<LandCoverClass> classes = scheme.validClasses();
    for (int i = 0; i < indices.length; i++) {
      indices[i] = (byte) classes.get(indices[i]).index();
    }
    int size = synthesizer.patchSize();
    return new ClassMask(size, size, indices);
  }

  /** Mean absolute error of the known classes, in percentage points. */
  private static double error(TargetShares target, double[] drawn) {
    double sum = 0;
    int known = 0;
    for (int k = 0; k < drawn.length; k++) {
      if (target.isKnown(k)) {
        sum += 100 * Math.abs(drawn[k] - target.shares().get(k));
        known++;
      }
    }
    return known == 0 ? 0 : sum / known;
  }

  /** Footer entries; none where no layout was drawn. */
  Map<String, String> notes() {
    Map<String, String> notes = new TreeMap<>();
    if (count > 0) {
      notes.put(COUNT, Long.toString(count));
      notes.put(MISSED, Long.toString(missed));
      errors.forEach(
          (finish, sum) -> notes.put(ERRORS + finish, Long.toString(Math.round(1e6 * sum))));
    }
    return notes;
  }

  /** A mask of no patch in the place of a stored one. */
  static StoredMask unstored(Group row, int size) {
    return new StoredMask(
        row.getString("scene_id", 0),
        row.getInteger("row", 0),
        row.getInteger("col", 0),
        "train",
        new byte[0],
        PixelDecoder.Shape.ofMask(PixelFormat.RAW.text(), size, size));
  }
}
