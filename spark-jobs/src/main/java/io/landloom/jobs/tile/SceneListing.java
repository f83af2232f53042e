package io.landloom.jobs.tile;

import io.landloom.geo.scene.SceneId;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Paths;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** Finds the scenes of a folder and the label of each, by name. */
public final class SceneListing {
  private static final List<String> IMAGES = List.of("tif", "tiff", "png", "jpg", "jpeg");
  private static final List<String> LABELS = List.of("tif", "tiff", "png", "jpg", "jpeg");

  private final Configuration configuration;
  private final List<String> labelSuffixes;
  private final InputKeys keys;

  /**
   * A listing for a job.
   *
   * @param labelSuffixes what may stand between a scene's name and its label's extension
   */
  public SceneListing(Configuration configuration, List<String> labelSuffixes) {
    this(configuration, labelSuffixes, InputKeys.OF_JOBS);
  }

  /**
   * A listing.
   *
   * @param labelSuffixes what may stand between a scene's name and its label's extension
   * @param keys what messages call the inputs
   */
  public SceneListing(Configuration configuration, List<String> labelSuffixes, InputKeys keys) {
    this.configuration = configuration;
    this.labelSuffixes = List.copyOf(labelSuffixes);
    this.keys = keys;
  }

  /** The scenes of a folder, or of one file, without labels; ordered by id. */
  public List<SceneFile> unlabelled(String scenes) throws IOException {
    Map<String, String> images = files(keys.scenes(), scenes, IMAGES);
    return images.entrySet().stream()
        .map(e -> new SceneFile(new SceneId(e.getKey()), e.getValue(), null))
        .toList();
  }

  /**
   * The scenes of a folder, or of one file, with labels that lie beside them; ordered by id.
   *
   * @throws JobException if a scene has no label, or more than one
   */
  public List<SceneFile> labelledBeside(String scenes) throws IOException {
    return labelled(scenes, folder(scenes).toString());
  }

  /**
   * The scenes of a folder, or of one file, with the label of each; ordered by id.
   *
   * @throws JobException if a scene has no label, or more than one
   */
  public List<SceneFile> labelled(String scenes, String labels) throws IOException {
    boolean together = folder(scenes).equals(qualified(keys.labels(), labels));
    Map<String, String> images = files(keys.scenes(), scenes, IMAGES);
    if (together) {
      images.keySet().removeIf(this::looksLikeLabel);
    }
    if (images.isEmpty()) {
      throw JobException.user(keys.scenes() + " = " + scenes + ": only labels are in it, no scene");
    }
    Map<String, String> labelFiles = files(keys.labels(), labels, LABELS);
    List<SceneFile> files = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, String> image : images.entrySet()) {
      List<String> candidates = candidates(image.getKey(), labelFiles, together);
      if (candidates.size() > 1) {
        throw JobException.user(
            "scene " + image.getKey() + " has more than one label: " + candidates);
      }
      if (candidates.isEmpty()) {
        missing.add(image.getKey());
      } else {
        files.add(new SceneFile(new SceneId(image.getKey()), image.getValue(), candidates.get(0)));
      }
    }
    if (!missing.isEmpty()) {
      throw JobException.user(
          missing.size()
              + " of "
              + images.size()
              + " scenes have no label in "
              + labels
              + ": "
              + missing.stream().limit(3).collect(Collectors.joining(", "))
              + (missing.size() > 3 ? ", ..." : "")
              + "; add the labels, or set "
              + keys.labels()
              + "=none to go without");
    }
    return files;
  }

  private boolean looksLikeLabel(String stem) {
    return labelSuffixes.stream().anyMatch(suffix -> !suffix.isEmpty() && stem.endsWith(suffix));
  }

  private List<String> candidates(String stem, Map<String, String> labels, boolean together) {
    return labelSuffixes.stream()
        .filter(suffix -> !(together && suffix.isEmpty()))
        .map(suffix -> labels.get(stem + suffix))
        .filter(path -> path != null)
        .toList();
  }

  /** The scenes' folder: itself, or that of one file. */
  private Path folder(String scenes) throws IOException {
    Path path = qualified(keys.scenes(), scenes);
    try {
      return path.getFileSystem(configuration).getFileStatus(path).isFile()
          ? path.getParent()
          : path;
    } catch (FileNotFoundException e) {
      return path; // listing it says what is missing
    }
  }

  private Path qualified(String key, String folder) throws IOException {
    Path path = Paths.of(key, folder);
    return path.getFileSystem(configuration).makeQualified(path);
  }

  /**
   * URIs of files by path below the folder, without extension; strings, as there may be millions
   * and a {@link Path} takes more than twice their memory.
   */
  private Map<String, String> files(String key, String folder, List<String> extensions)
      throws IOException {
    Path root = qualified(key, folder);
    FileSystem fileSystem = root.getFileSystem(configuration);
    FileStatus status;
    try {
      status = fileSystem.getFileStatus(root);
    } catch (FileNotFoundException e) {
      throw new JobException(
          JobException.Kind.USER, key + " = " + folder + ": no such file or folder", e);
    }
    Map<String, String> files = new TreeMap<>();
    if (status.isFile()) {
      if (!extensions.contains(extension(root))) {
        throw JobException.user(
            key + " = " + folder + ": not a " + String.join(", ", extensions) + " file");
      }
      add(files, root.getParent(), root, key);
      return files;
    }
    // not listFiles: it asks for the owner of each file, on local disks by a process of its own
    Deque<Path> folders = new ArrayDeque<>(List.of(root));
    while (!folders.isEmpty()) {
      RemoteIterator<FileStatus> entries = fileSystem.listStatusIterator(folders.pop());
      while (entries.hasNext()) {
        FileStatus entry = entries.next();
        Path path = entry.getPath();
        if (hidden(path)) {
          continue;
        }
        if (entry.isDirectory()) {
          folders.push(path);
        } else if (extensions.contains(extension(path))) {
          add(files, root, path, key);
        }
      }
    }
    if (files.isEmpty()) {
      throw JobException.user(
          key + " = " + folder + ": no " + String.join(", ", extensions) + " file in it");
    }
    return files;
  }

  private static void add(Map<String, String> files, Path root, Path path, String key) {
    String relative = root.toUri().relativize(path.toUri()).getPath();
    if (relative.startsWith("/")) {
      relative = path.getName();
    }
    String stem = relative.substring(0, relative.length() - extension(path).length() - 1);
    if (stem.isBlank() || stem.endsWith("/") || stem.chars().anyMatch(Character::isISOControl)) {
      throw JobException.user(key + ": '" + path + "' has a name that cannot be a scene's");
    }
    String other = files.put(stem, path.toString());
    if (other != null) {
      throw JobException.user(
          key
              + ": "
              + new Path(other).getName()
              + " and "
              + path.getName()
              + " are both scene "
              + stem);
    }
  }

  private static boolean hidden(Path path) {
    return path.getName().startsWith(".") || path.getName().startsWith("_");
  }

  private static String extension(Path path) {
    String name = path.getName();
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }
}
