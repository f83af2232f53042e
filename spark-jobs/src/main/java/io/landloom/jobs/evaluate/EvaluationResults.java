package io.landloom.jobs.evaluate;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an evaluation found.
 *
 * @param facts what was measured, with what: by name, in order
 * @param tables the numbers
 */
public record EvaluationResults(LinkedHashMap<String, String> facts, List<ResultTable> tables)
    implements Serializable {
  private static final Set<String> HEADLINES =
      Set.of(
          Realism.RATIOS,
          Consistency.NAME,
          Diversity.WHOLE,
          MaskEvaluation.SHARES,
          MaskEvaluation.LIKENESS);

  /** Copies the list. */
  public EvaluationResults {
    tables = new ArrayList<>(tables);
  }

  /** The table of a name. */
  public ResultTable table(String name) {
    return tables.stream()
        .filter(table -> table.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no table '" + name + "'"));
  }

  /** What a reader wants to know first, by name, in order. */
  public Map<String, String> headlines() {
    Map<String, String> headlines = new LinkedHashMap<>();
    for (ResultTable table : tables) {
      if (HEADLINES.contains(table.name())) {
        table
            .rows()
            .keySet()
            .forEach(row -> headlines.put(table.name() + ", " + row, table.line(row)));
      }
    }
    return headlines;
  }

  /** The results as JSON. */
  public String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("facts", facts);
    Map<String, Object> named = new LinkedHashMap<>();
    tables.forEach(table -> named.put(table.name(), table.nested()));
    all.put("tables", named);
    return ConfigValueFactory.fromMap(all)
            .render(ConfigRenderOptions.concise().setFormatted(true))
            .strip()
        + "\n";
  }

  /** The results for people, in Markdown. */
  public String markdown(String title) {
    StringBuilder page = new StringBuilder("# ").append(title).append("\n\n| | |\n|---|---|\n");
    facts.forEach(
        (name, text) -> page.append("| ").append(name).append(" | ").append(text).append(" |\n"));
    for (ResultTable table : tables) {
      page.append('\n').append(table.markdown());
    }
    return page.toString();
  }
}
