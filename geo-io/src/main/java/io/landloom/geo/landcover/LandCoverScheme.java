package io.landloom.geo.landcover;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The ordered classes of a land-cover map, and how source files code them.
 *
 * <p>Pixels of a mask hold a class <em>index</em>. Where an array has one entry a class, its
 * <em>position</em> is the class's place in {@link #classes()}, unknown included; proportions are
 * shares of the valid (not unknown) pixels.
 */
public final class LandCoverScheme implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String RESOURCES = "landloom/schemes/";

  private final String name;
  private final int version;
  private final List<LandCoverClass> classes;
  private final int unknownIndex;
  private final Map<Integer, Integer> indexOfColor;
  private final Map<String, Map<Integer, Integer>> codings;
  private final int[] positionOfIndex;

  private LandCoverScheme(
      String name,
      int version,
      List<LandCoverClass> classes,
      int unknownIndex,
      Map<Integer, Integer> indexOfColor,
      Map<String, Map<Integer, Integer>> codings) {
    this.name = name;
    this.version = version;
    this.classes = List.copyOf(classes);
    this.unknownIndex = unknownIndex;
    this.indexOfColor = new TreeMap<>(indexOfColor);
    this.codings = new TreeMap<>(codings);
    this.positionOfIndex = new int[256];
    Arrays.fill(positionOfIndex, -1);
    for (int position = 0; position < classes.size(); position++) {
      LandCoverClass landCoverClass = classes.get(position);
      if (positionOfIndex[landCoverClass.index()] >= 0) {
        throw new SchemeException(name, "class index " + landCoverClass.index() + " appears twice");
      }
      positionOfIndex[landCoverClass.index()] = position;
    }
    if (classes.stream().map(LandCoverClass::name).distinct().count() != classes.size()) {
      throw new SchemeException(name, "a class name appears twice");
    }
    if (unknownIndex < 0 || unknownIndex > 255 || positionOfIndex[unknownIndex] < 0) {
      throw new SchemeException(name, "unknown = " + unknownIndex + " is not one of the classes");
    }
    if (classes.size() < 2) {
      throw new SchemeException(name, "needs at least one class besides unknown");
    }
  }

  /**
   * Loads a scheme that ships with Landloom: gid15, gid5, mbrsc, potsdam or loveda.
   *
   * @throws SchemeException if there is none of that name
   */
  public static LandCoverScheme named(String name) {
    String resource = RESOURCES + name + ".conf";
    ClassLoader loader = LandCoverScheme.class.getClassLoader();
    if (!name.matches("[A-Za-z0-9_-]+") || loader.getResource(resource) == null) {
      throw new SchemeException(
          name, "no such scheme; known are " + String.join(", ", shipped()) + ", or a .conf file");
    }
    return of(
        ConfigFactory.parseResources(
            loader, resource, ConfigParseOptions.defaults().setAllowMissing(false)));
  }

  /** Names of the schemes that ship with Landloom. */
  public static List<String> shipped() {
    return List.of("gid15", "gid5", "loveda", "mbrsc", "potsdam");
  }

  /**
   * Reads a scheme from its configuration: {@code name, version, unknown, classes = [{index, name,
   * color, alsoColors}], codings.NAME.CODE = index}.
   *
   * @throws SchemeException if a key is missing or two classes contradict each other
   */
  public static LandCoverScheme of(Config config) {
    String name = config.hasPath("name") ? String.valueOf(config.getAnyRef("name")) : "?";
    try {
      List<LandCoverClass> classes = new ArrayList<>();
      Map<Integer, Integer> indexOfColor = new TreeMap<>();
      for (Config entry : config.getConfigList("classes")) {
        LandCoverClass landCoverClass =
            new LandCoverClass(
                entry.getInt("index"),
                entry.getString("name"),
                color(name, entry.getString("color")));
        classes.add(landCoverClass);
        List<String> colors = new ArrayList<>(List.of(entry.getString("color")));
        if (entry.hasPath("alsoColors")) {
          colors.addAll(entry.getStringList("alsoColors"));
        }
        for (String hex : colors) {
          if (indexOfColor.put(color(name, hex), landCoverClass.index()) != null) {
            throw new SchemeException(name, "colour " + hex + " stands for two classes");
          }
        }
      }
      LandCoverScheme scheme =
          new LandCoverScheme(
              config.getString("name"),
              config.getInt("version"),
              classes,
              config.getInt("unknown"),
              indexOfColor,
              codings(name, config));
      scheme.codings.forEach((coding, codes) -> scheme.checkCoding(coding, codes));
      return scheme;
    } catch (ConfigException | IllegalArgumentException e) {
      if (e instanceof SchemeException schemeException) {
        throw schemeException;
      }
      throw new SchemeException(name, e.getMessage());
    }
  }

  private static Map<String, Map<Integer, Integer>> codings(String name, Config config) {
    Map<String, Map<Integer, Integer>> codings = new TreeMap<>();
    if (!config.hasPath("codings")) {
      return codings;
    }
    for (String coding : config.getObject("codings").keySet()) {
      Map<Integer, Integer> codes = new TreeMap<>();
      for (Map.Entry<String, ConfigValue> code :
          config.getConfig("codings").getObject(coding).entrySet()) {
        try {
          codes.put(
              Integer.parseInt(code.getKey()),
              Integer.parseInt(String.valueOf(code.getValue().unwrapped())));
        } catch (NumberFormatException e) {
          throw new SchemeException(
              name, "coding '" + coding + "': '" + code.getKey() + "' is not a number");
        }
      }
      codings.put(coding, codes);
    }
    return codings;
  }

  private void checkCoding(String coding, Map<Integer, Integer> codes) {
    codes.forEach(
        (code, index) -> {
          if (code < 0 || code > 255 || index < 0 || index > 255 || positionOfIndex[index] < 0) {
            throw new SchemeException(
                name, "coding '" + coding + "': " + code + " = " + index + " names no class");
          }
        });
  }

  private static int color(String scheme, String hex) {
    if (!hex.matches("#[0-9A-Fa-f]{6}")) {
      throw new SchemeException(scheme, "colour '" + hex + "' is not #RRGGBB");
    }
    return Integer.parseInt(hex.substring(1), 16);
  }

  /** The scheme's name, as written into every table. */
  public String name() {
    return name;
  }

  /** The version of the definition, raised when a class changes its meaning. */
  public int version() {
    return version;
  }

  /** All classes in the scheme's order, unknown included. */
  public List<LandCoverClass> classes() {
    return classes;
  }

  /** The classes other than unknown, in the scheme's order. */
  public List<LandCoverClass> validClasses() {
    return classes.stream().filter(c -> c.index() != unknownIndex).toList();
  }

  /** Number of classes, unknown included. */
  public int size() {
    return classes.size();
  }

  /** The index of pixels without a label. */
  public int unknownIndex() {
    return unknownIndex;
  }

  /** Whether a class has this index. */
  public boolean contains(int index) {
    return index >= 0 && index < 256 && positionOfIndex[index] >= 0;
  }

  /**
   * Place of a class index in {@link #classes()}.
   *
   * @throws IllegalArgumentException if no class has this index
   */
  public int position(int index) {
    if (!contains(index)) {
      throw new IllegalArgumentException("scheme " + name + " has no class index " + index);
    }
    return positionOfIndex[index];
  }

  /** For each of the 256 pixel values its position, or -1 where no class has that index. */
  public int[] positions() {
    return positionOfIndex.clone();
  }

  /** The class index each source colour (0xRRGGBB) stands for. */
  public Map<Integer, Integer> indexOfColor() {
    return Map.copyOf(indexOfColor);
  }

  /** Names of the numeric codings, {@code index} (code = class index) always among them. */
  public List<String> codingNames() {
    TreeSet<String> names = new TreeSet<>(codings.keySet());
    names.add("index");
    return List.copyOf(names);
  }

  /**
   * The class index each source code of a numeric coding stands for.
   *
   * @throws SchemeException if the scheme has no coding of that name
   */
  public Map<Integer, Integer> coding(String coding) {
    Map<Integer, Integer> codes = codings.get(coding);
    if (codes != null) {
      return Map.copyOf(codes);
    }
    if (!coding.equals("index")) {
      throw new SchemeException(
          name,
          "no label coding '" + coding + "'; known are color, " + String.join(", ", codingNames()));
    }
    Map<Integer, Integer> identity = new TreeMap<>();
    classes.forEach(c -> identity.put(c.index(), c.index()));
    return identity;
  }

  /** Palette of 256 colours (0xRRGGBB) for masks; indexes without a class are black. */
  public int[] palette() {
    int[] palette = new int[256];
    classes.forEach(c -> palette[c.index()] = c.rgb());
    return palette;
  }

  /** Everything that defines the scheme, in a fixed order: two schemes of one text are equal. */
  public String definition() {
    return String.join(
        " | ",
        name + " v" + version,
        "unknown " + unknownIndex,
        classes.toString(),
        indexOfColor.toString(),
        codings.toString());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LandCoverScheme that
        && name.equals(that.name)
        && version == that.version
        && classes.equals(that.classes)
        && unknownIndex == that.unknownIndex
        && indexOfColor.equals(that.indexOfColor)
        && codings.equals(that.codings);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, version, classes);
  }

  @Override
  public String toString() {
    return name + " v" + version + " (" + classes.size() + " classes)";
  }
}
