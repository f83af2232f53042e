package io.landloom.jobs.run;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.geo.landcover.SchemeException;
import java.io.File;

/** Land-cover schemes from the configuration. */
public final class Schemes {
  private Schemes() {}

  /**
   * The scheme a key names: one that ships, or a local {@code .conf} file.
   *
   * @throws JobException if there is none, or its file is wrong
   */
  public static LandCoverScheme of(String key, String name) {
    try {
      return name.endsWith(".conf")
          ? LandCoverScheme.of(ConfigFactory.parseFile(file(key, name)))
          : LandCoverScheme.named(name);
    } catch (SchemeException | ConfigException e) {
      throw new JobException(JobException.Kind.USER, key + " = " + name + ": " + e.getMessage(), e);
    }
  }

  private static File file(String key, String name) {
    File file = new File(name);
    if (!file.isFile()) {
      throw JobException.user(key + " = " + name + ": no such file");
    }
    return file;
  }
}
