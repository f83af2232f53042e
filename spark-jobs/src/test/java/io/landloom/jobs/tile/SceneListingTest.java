package io.landloom.jobs.tile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SceneListingTest {
  @TempDir java.nio.file.Path folder;

  private List<String> found() throws IOException {
    return new SceneListing(new Configuration(), List.of(""))
        .unlabelled(folder.toString()).stream().map(file -> file.id().name()).toList();
  }

  private void touch(String name) throws IOException {
    java.nio.file.Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.createFile(file);
  }

  @Test
  void findsScenesInFoldersOfFoldersButNothingHidden() throws IOException {
    for (String name :
        List.of(
            "b.tif",
            "lake/12.TIFF",
            "lake/north/7.png",
            "a.jpeg",
            "notes.txt",
            ".hidden.tif",
            "_fresh.tif",
            "_staging/x.tif",
            "lake/.trash/y.tif")) {
      touch(name);
    }
    assertEquals(List.of("a", "b", "lake/12", "lake/north/7"), found());
  }

  @Test
  void asksForNothingButNamesAndKinds() throws IOException {
    for (int i = 0; i < 3; i++) {
      touch(String.format(Locale.ROOT, "lake/s%03d.tif", i));
    }
    Configuration configuration = new Configuration();
    configuration.set("fs.slow.impl", SlowOwners.class.getName());
    List<SceneFile> scenes =
        new SceneListing(configuration, List.of("")).unlabelled("slow://" + folder);
    assertEquals(3, scenes.size());
    assertEquals("slow:" + folder.resolve("lake/s000.tif"), scenes.get(0).image());
  }

  /** A file system that must not be asked for owners: a local disk starts a process for each. */
  public static final class SlowOwners extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("slow:///");
    }

    @Override
    public FileStatus[] listStatus(Path folder) throws IOException {
      FileStatus[] all = super.listStatus(folder);
      for (int i = 0; i < all.length; i++) {
        all[i] = new Ownerless(all[i]);
      }
      return all;
    }
  }

  private static final class Ownerless extends FileStatus {
    private static final long serialVersionUID = 1L;

    Ownerless(FileStatus status) {
      super(status.getLen(), status.isDirectory(), 1, 1, 0, status.getPath());
    }

    @Override
    public FsPermission getPermission() {
      throw new AssertionError("asked for the permission of " + getPath());
    }

    @Override
    public String getOwner() {
      throw new AssertionError("asked for the owner of " + getPath());
    }
  }
}
