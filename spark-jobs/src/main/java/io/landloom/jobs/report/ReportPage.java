package io.landloom.jobs.report;

import io.landloom.jobs.report.ReportContents.Box;
import io.landloom.jobs.report.ReportContents.ClassLikeness;
import io.landloom.jobs.report.ReportContents.ClassShares;
import io.landloom.jobs.report.ReportContents.Drawn;
import io.landloom.jobs.report.ReportContents.DropCount;
import io.landloom.jobs.report.ReportContents.Fact;
import io.landloom.jobs.report.ReportContents.FootprintMap;
import io.landloom.jobs.report.ReportContents.GalleryRow;
import io.landloom.jobs.report.ReportContents.GateCount;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Renders a report as one page of HTML that is also well-formed XML and loads nothing. */
public final class ReportPage {
  private static final String STYLE =
      """
      :root { color-scheme: light; }
      * { box-sizing: border-box; }
      body { margin: 0; background: #fff; color: #1b1f23; line-height: 1.5;
        font-family: "Source Sans 3", "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
      main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
      h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1.5rem; }
      h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.75rem 0 .75rem;
        border-top: 2px solid #1b1f23; padding-top: .5rem; }
      h1, h3, td, th, figcaption { overflow-wrap: anywhere; }
      p { margin: 0 0 1rem; max-width: 44rem; }
      table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
      caption { text-align: left; color: #4a5158; padding-bottom: .5rem; }
      th, td { text-align: left; vertical-align: middle; padding: .35rem .75rem .35rem 0;
        border-bottom: 1px solid #d8dce0; }
      th { font-weight: 600; }
      tbody th { font-weight: 400; }
      .facts { max-width: 52rem; }
      .facts th { width: 12rem; color: #4a5158; vertical-align: top; }
      .drops { max-width: 30rem; }
      .gates { max-width: 52rem; }
      .map { display: block; width: 100%; max-height: 32rem; background: #eceef0; }
      .map rect { stroke: #fff; vector-effect: non-scaling-stroke; stroke-width: .5px; }
      .train { fill: #24476b; }
      .val { fill: #c4661f; }
      .test { fill: #7d9a5b; }
      .scene { fill: #24476b; fill-opacity: .6; }
      .wide { overflow-x: auto; }
      .wide th, .wide td { white-space: nowrap; overflow-wrap: normal; }
      .wide caption { max-width: min(44rem, calc(100vw - 2rem)); }
      .likeness { width: auto; }
      .likeness td { text-align: center; padding: .3rem .4rem; border: 1px solid #fff; }
      .number { text-align: right; white-space: nowrap; padding-right: 0; padding-left: .75rem; }
      tfoot th, tfoot td { font-weight: 600; border-bottom: 0; }
      .swatch { width: .8em; height: .8em; margin-right: .5em; flex: none; }
      .class { display: flex; align-items: center; }
      .bars { width: 48%; }
      .bars svg { display: block; width: 100%; height: 1.6rem; }
      .real { fill: #24476b; }
      .synthetic { fill: #c4661f; }
      .mixed { fill: #7d9a5b; }
      .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem;
        margin: 0 0 1.25rem; padding: 0; }
      .legend li { display: flex; align-items: center; }
      .pair { margin: 0 0 2rem; break-inside: avoid; }
      .pair h3 { font-size: 1rem; font-weight: 600; margin: 0 0 .4rem; }
      .pictures { display: grid; gap: .75rem; grid-template-columns: repeat(3, minmax(0, 16rem)); }
      .pictures.four { grid-template-columns: repeat(4, minmax(0, 16rem)); }
      figure { margin: 0; }
      figure img { display: block; width: 100%; height: auto; background: #eceef0; }
      figcaption { font-size: .875rem; color: #4a5158; }
      @media (max-width: 40rem) {
        h1 { font-size: 1.5rem; }
        .facts th { width: 8rem; }
        .shares tr { display: grid; align-items: end; border-bottom: 1px solid #d8dce0;
          grid-template-columns: minmax(0, 1fr) 4.2rem 6.4rem 4.8rem; }
        .shares th, .shares td { border-bottom: 0; padding: .2rem 0; }
        .shares tbody th { grid-column: 1 / -1; }
        .shares thead th:first-child { display: none; }
        .shares, .shares caption { font-size: .875rem; }
        .shares thead .swatch { margin-right: .25em; }
        .bars { width: auto; }
        .pictures { gap: .4rem; }
        .pictures.four { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      }
      @media print {
        main { max-width: none; padding: 0; }
        h2, h3, caption { break-after: avoid; }
        tr { break-inside: avoid; }
      }
      """;

  /** Side of the smallest outline that can be seen, in thousandths of the map. */
  private static final double LEAST_BOX = 4;

  private final Markup page = new Markup();

  private ReportPage() {}

  /**
   * The page of a report.
   *
   * @return HTML, to be written as UTF-8
   */
  public static String render(ReportContents contents) {
    ReportPage page = new ReportPage();
    page.head(contents.title());
    page.shares(contents.shares());
    page.gallery(contents.gallery(), contents.shares());
    page.drops(contents.drops());
    page.gates(contents.gates());
    page.map(contents.map());
    page.likeness(contents.likeness());
    page.facts(contents.facts());
    page.page.line("</main>").line("</body>").line("</html>");
    return page.page.toString();
  }

  private void head(String title) {
    page.line("<!DOCTYPE html>")
        .line("<html lang=\"en\">")
        .line("<head>")
        .line("<meta charset=\"utf-8\"/>")
        .line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")
        // whatever slipped through the escaping could still neither run nor load anything
        .raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
        .line("img-src data:; style-src 'unsafe-inline'\"/>")
        .line("<title>" + Markup.escape(title) + "</title>")
        .line("<style>")
        .raw(STYLE)
        .line("</style>")
        .line("</head>")
        .line("<body>")
        .line("<main>")
        .raw("<h1>")
        .text(title)
        .line("</h1>");
  }

  private void gallery(List<GalleryRow> gallery, List<ClassShares> classes) {
    page.line("<section>").line("<h2>Pairs</h2>");
    if (gallery.isEmpty()) {
      page.line("<p>There are no pairs to show.</p>");
    } else {
      page.raw(
              "<p>Each synthetic image was made from the mask beside it. For each class, the mask ")
          .line("that shows most of it comes first.</p>");
      legend(classes);
      gallery.forEach(this::pair);
    }
    page.line("</section>");
  }

  private void legend(List<ClassShares> classes) {
    if (classes.isEmpty()) {
      return;
    }
    page.line("<ul class=\"legend\" aria-label=\"Colours of the classes in the masks\">");
    for (ClassShares shares : classes) {
      page.raw("<li>");
      swatch(shares.rgb());
      page.text(shares.className()).line("</li>");
    }
    page.line("</ul>");
  }

  private void pair(GalleryRow row) {
    page.line("<div class=\"pair\">").raw("<h3>");
    if (!row.shownFor().isEmpty()) {
      page.text(row.shownFor()).raw(": ");
    }
    page.text(row.name()).line("</h3>");
    boolean two = row.synthetic().size() == 2;
    page.line(two ? "<div class=\"pictures four\">" : "<div class=\"pictures\">");
    figure(row.name(), "Real", new Drawn(row.real(), ""));
    figure(row.name(), "Mask", new Drawn(row.mask(), ""));
    figure(row.name(), two ? "Synthetic, first" : "Synthetic", row.synthetic().get(0));
    if (two) {
      figure(row.name(), "Synthetic, second", row.synthetic().get(1));
    }
    page.line("</div>").line("</div>");
  }

  private void figure(String name, String role, Drawn drawn) {
    Picture picture = drawn.picture();
    page.raw("<figure><img alt=\"" + role + " of " + Markup.escape(name))
        .raw("\" width=\"" + picture.width() + "\" height=\"" + picture.height())
        .raw("\" src=\"" + picture.dataUri() + "\"/>")
        .raw("<figcaption>" + role);
    if (!drawn.note().isEmpty()) {
      page.raw(" (").text(drawn.note()).raw(")");
    }
    page.line("</figcaption></figure>");
  }

  private void shares(List<ClassShares> classes) {
    page.line("<section>").line("<h2>Class shares</h2>");
    if (classes.isEmpty()) {
      page.line("<p>There are no classes to compare.</p>").line("</section>");
      return;
    }
    double most =
        classes.stream()
            .flatMap(c -> Stream.of(c.real(), c.synthetic(), c.mixed()))
            .mapToDouble(share -> share.orElse(0))
            .max()
            .orElse(0);
    balance(classes);
    page.line("<table class=\"shares\">")
        .raw("<caption>Share of the labelled pixels. The bars show, from the top, real, ")
        .line("synthetic and mixed; the longest stands for " + percent(most) + ".</caption>")
        .line("<thead><tr><th scope=\"col\">Class</th>")
        .line("<th scope=\"col\" class=\"bars\">Bars</th>")
        .line("<th scope=\"col\" class=\"number\">" + key("real") + "Real</th>")
        .line("<th scope=\"col\" class=\"number\">" + key("synthetic") + "Synthetic</th>")
        .line("<th scope=\"col\" class=\"number\">" + key("mixed") + "Mixed</th></tr></thead>")
        .line("<tbody>");
    classes.forEach(shares -> share(shares, most));
    page.line("</tbody>").line("</table>").line("</section>");
  }

  /** Before and after in a sentence: the rarest class that there is, and the most frequent. */
  private void balance(List<ClassShares> classes) {
    List<ClassShares> known =
        classes.stream()
            .filter(c -> c.real().orElse(0) > 0 && c.mixed().isPresent())
            .sorted(Comparator.comparingDouble(c -> c.real().getAsDouble()))
            .toList();
    if (known.size() < 2) {
      return;
    }
    boolean same =
        known.stream()
            .allMatch(c -> Math.abs(c.mixed().getAsDouble() - c.real().getAsDouble()) < 0.0005);
    if (same) {
      page.raw("<p>The pairs leave the balance as it is: no class's share moves by 0.05 ")
          .line("percentage points or more.</p>");
      return;
    }
    page.raw("<p>With the pairs, ");
    change(known.get(0));
    page.raw(", the rarest class of the real patches, and ");
    change(known.get(known.size() - 1));
    page.line(", the most frequent.</p>");
  }

  private void change(ClassShares shares) {
    page.text(shares.className())
        .raw(" goes from " + percent(shares.real().getAsDouble()))
        .raw(" to " + percent(shares.mixed().getAsDouble()));
  }

  private void share(ClassShares shares, double most) {
    page.raw("<tr><th scope=\"row\"><span class=\"class\">");
    swatch(shares.rgb());
    page.text(shares.className()).line("</span></th>");
    page.raw("<td class=\"bars\"><svg viewBox=\"0 0 100 15\" preserveAspectRatio=\"none\" ")
        .raw("aria-hidden=\"true\">");
    bar("real", 0, shares.real(), most);
    bar("synthetic", 5, shares.synthetic(), most);
    bar("mixed", 10, shares.mixed(), most);
    page.line("</svg></td>");
    for (OptionalDouble share : List.of(shares.real(), shares.synthetic(), shares.mixed())) {
      String text = share.isPresent() ? percent(share.getAsDouble()) : "n/a";
      page.line("<td class=\"number\">" + text + "</td>");
    }
    page.line("</tr>");
  }

  private void bar(String kind, int y, OptionalDouble share, double most) {
    if (share.isEmpty() || most == 0) {
      return;
    }
    double length = 100 * share.getAsDouble() / most;
    page.raw(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"0\" y=\"%d\" width=\"%.2f\" height=\"4\"/>",
            kind,
            y,
            length));
  }

  private void swatch(int rgb) {
    page.raw("<svg class=\"swatch\" viewBox=\"0 0 10 10\" aria-hidden=\"true\">")
        .raw("<rect x=\"0.5\" y=\"0.5\" width=\"9\" height=\"9\" stroke=\"#4a5158\" fill=\"")
        .raw(String.format(Locale.ROOT, "#%06x\"/></svg>", rgb));
  }

  private static String key(String kind) {
    return "<svg class=\"swatch\" viewBox=\"0 0 10 10\" aria-hidden=\"true\">"
        + "<rect width=\"10\" height=\"10\" class=\""
        + kind
        + "\"/></svg>";
  }

  /** A share in percent; a share too small to show is not shown as none. */
  static String percent(double share) {
    if (share > 0 && share < 0.0005) {
      return "&lt; 0.1 %";
    }
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private void likeness(List<ClassLikeness> classes) {
    if (classes.size() < 2) {
      return;
    }
    page.line("<section>").line("<h2>Class embeddings</h2>");
    page.raw("<p>").text(nearest(classes)).line("</p>");
    page.line("<div class=\"wide\"><table class=\"likeness\">")
        .raw("<caption>Cosine of the angle between what the model has learnt of two classes: ")
        .line("1 for the same, 0 for nothing in common. Columns are in the order of the rows.")
        .line("</caption>")
        .line("<tbody>");
    for (int row = 0; row < classes.size(); row++) {
      ClassLikeness likeness = classes.get(row);
      page.raw("<tr><th scope=\"row\">").text(likeness.className()).raw("</th>");
      for (double cosine : likeness.cosines()) {
        page.raw(likenessCell(cosine));
      }
      page.line("</tr>");
    }
    page.line("</tbody>").line("</table></div>").line("</section>");
  }

  /** Darker the further from 0: blue above, orange below. */
  private static String likenessCell(double cosine) {
    return String.format(
        Locale.ROOT,
        "<td style=\"background: rgba(%s, %.2f)\">%.2f</td>",
        cosine < 0 ? "238, 178, 127" : "127, 176, 222",
        Math.min(1, Math.abs(cosine)),
        rounded(cosine));
  }

  /** To two digits, and never -0. */
  private static double rounded(double cosine) {
    return Math.round(100 * cosine) / 100.0;
  }

  private static String nearest(List<ClassLikeness> classes) {
    int one = 0;
    int other = 1;
    for (int row = 0; row < classes.size(); row++) {
      for (int column = row + 1; column < classes.size(); column++) {
        if (classes.get(row).cosines().get(column) > classes.get(one).cosines().get(other)) {
          one = row;
          other = column;
        }
      }
    }
    return String.format(
        Locale.ROOT,
        "Nearest to each other are %s and %s (%.2f).",
        classes.get(one).className(),
        classes.get(other).className(),
        rounded(classes.get(one).cosines().get(other)));
  }

  private void drops(List<DropCount> drops) {
    page.line("<section>").line("<h2>Left out</h2>");
    if (drops.isEmpty()) {
      page.line("<p>Nothing was left out.</p>").line("</section>");
      return;
    }
    page.line("<table class=\"drops\">")
        .line("<caption>Patches and pairs that were left out, by reason.</caption>")
        .line("<thead><tr><th scope=\"col\">Reason</th>")
        .line("<th scope=\"col\" class=\"number\">Count</th></tr></thead>")
        .line("<tbody>");
    for (DropCount drop : drops) {
      page.raw("<tr><th scope=\"row\">").text(drop.reason()).raw("</th>");
      page.line("<td class=\"number\">" + count(drop.count()) + "</td></tr>");
    }
    long all = drops.stream().mapToLong(DropCount::count).reduce(0, Math::addExact);
    page.line("</tbody>")
        .raw("<tfoot><tr><th scope=\"row\">All reasons</th>")
        .line("<td class=\"number\">" + count(all) + "</td></tr></tfoot>")
        .line("</table>")
        .line("</section>");
  }

  private void gates(List<GateCount> gates) {
    if (gates.isEmpty()) {
      return;
    }
    page.line("<section>").line("<h2>Gates</h2>");
    page.line("<div class=\"wide\"><table class=\"gates\">")
        .raw("<caption>What gates measured of every draw. A rejected one was drawn again; ")
        .line("pairs that were given up are under Left out.</caption>")
        .line("<thead><tr><th scope=\"col\">Gate, measure</th>")
        .line("<th scope=\"col\" class=\"number\">Draws</th>")
        .line("<th scope=\"col\" class=\"number\">Rejected</th>")
        .line("<th scope=\"col\" class=\"number\">Measured</th>")
        .line("<th scope=\"col\" class=\"number\">Threshold</th></tr></thead>")
        .line("<tbody>");
    for (GateCount gate : gates) {
      page.raw("<tr><th scope=\"row\">").text(gate.gate() + ", " + gate.measure()).raw("</th>");
      for (String cell :
          List.of(
              count(gate.draws()),
              count(gate.rejected()),
              range(gate.least(), gate.most()),
              gate.threshold())) {
        page.raw("<td class=\"number\">").text(cell).raw("</td>");
      }
      page.line("</tr>");
    }
    page.line("</tbody>").line("</table></div>").line("</section>");
  }

  /** A value, or from one to another, to three digits. */
  public static String range(double least, double most) {
    String one = String.format(Locale.ROOT, "%.3g", least);
    String other = String.format(Locale.ROOT, "%.3g", most);
    return one.equals(other) ? one : one + " to " + other;
  }

  private void map(FootprintMap map) {
    if (map.boxes().isEmpty() && map.unplaced() == 0) {
      return;
    }
    page.line("<section>").line("<h2>Where the patches are</h2>");
    if (!map.boxes().isEmpty()) {
      footprints(map);
    }
    if (map.unplaced() > 0) {
      page.line("<p>" + count(map.unplaced()) + " scenes have no CRS, and so no place.</p>");
    }
    page.line("</section>");
  }

  /** North is up; a degree of longitude is as wide as it is in the middle of the map. */
  private void footprints(FootprintMap map) {
    double west = map.boxes().stream().mapToDouble(Box::west).min().orElseThrow();
    double east = map.boxes().stream().mapToDouble(Box::east).max().orElseThrow();
    double south = map.boxes().stream().mapToDouble(Box::south).min().orElseThrow();
    double north = map.boxes().stream().mapToDouble(Box::north).max().orElseThrow();
    double narrowing = Math.max(0.01, Math.cos(Math.toRadians((south + north) / 2)));
    double scale = 1000 / Math.max(1e-9, Math.max((east - west) * narrowing, north - south));
    if (map.eachPatch()) {
      page.line("<ul class=\"legend\" aria-label=\"Splits\">");
      for (String split : List.of("train", "val", "test")) {
        page.line("<li>" + key(split) + split + "</li>");
      }
      page.line("</ul>");
    }
    page.raw("<svg class=\"map\" role=\"img\" aria-label=\"Outlines on a map\" viewBox=\"")
        .raw(
            String.format(
                Locale.ROOT,
                "-20 -20 %.1f %.1f",
                (east - west) * narrowing * scale + 40,
                (north - south) * scale + 40))
        .line("\">");
    for (Box box : map.boxes()) {
      page.line(
          String.format(
              Locale.ROOT,
              "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
              List.of("train", "val", "test").contains(box.split()) ? box.split() : "scene",
              (box.west() - west) * narrowing * scale,
              (north - box.north()) * scale,
              Math.max(LEAST_BOX, (box.east() - box.west()) * narrowing * scale),
              Math.max(LEAST_BOX, (box.north() - box.south()) * scale)));
    }
    page.line("</svg>")
        .line(
            String.format(
                Locale.ROOT,
                "<p>%s %s, from %.3f to %.3f degrees of longitude and %.3f to %.3f of latitude."
                    + " North is up.</p>",
                count(map.boxes().size()),
                map.eachPatch() ? "patches" : "scenes",
                west,
                east,
                south,
                north));
  }

  private static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private void facts(List<Fact> facts) {
    if (facts.isEmpty()) {
      return;
    }
    page.line("<section>").line("<h2>Run</h2>").line("<table class=\"facts\">").line("<tbody>");
    for (Fact fact : facts) {
      page.raw("<tr><th scope=\"row\">").text(fact.name()).raw("</th><td>");
      page.text(fact.value()).line("</td></tr>");
    }
    page.line("</tbody>").line("</table>").line("</section>");
  }
}
