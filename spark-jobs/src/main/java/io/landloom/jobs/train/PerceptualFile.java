package io.landloom.jobs.train;

import ai.djl.Device;
import io.landloom.geo.source.MemoryByteSource;
import io.landloom.jobs.run.JobException;
import io.landloom.jobs.run.Paths;
import io.landloom.jobs.synthesize.BundleFiles;
import io.landloom.synthesis.gan.CsebganSettings.PerceptualNet;
import io.landloom.synthesis.segment.FeatureNet;
import io.landloom.synthesis.tensor.FeatureMaps;
import io.landloom.synthesis.tensor.TorchScriptMaps;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The net of the perceptual loss in memory, as it travels to the task that trains. */
sealed interface PerceptualFile extends Serializable {
  /** Key of the configuration that names it. */
  String KEY = "csebgan.perceptual.net";

  /** Ending of the name of a TorchScript file. */
  String SCRIPT = ".pt";

  /** Most bytes of a TorchScript file; VGG19 has 80 MB. */
  long MOST_BYTES = 1L << 30;

  /**
   * Reads what a key names: a TorchScript file where that ends in {@value #SCRIPT}, else a bundle.
   *
   * @throws JobException if it is not there
   */
  static PerceptualFile find(PerceptualNet net, Configuration configuration) throws IOException {
    return net.net().endsWith(SCRIPT)
        ? Script.read(net, configuration)
        : new Bundle(BundleFiles.find(KEY, net.net(), configuration));
  }

  /** SHA-256 of what decides its features. */
  String digest();

  /** Loads it onto a device. */
  FeatureMaps open(int bands, Device device) throws IOException;

  /**
   * A feature net.
   *
   * @param files its bundle
   */
  record Bundle(BundleFiles files) implements PerceptualFile {
    @Override
    public String digest() {
      return files.digest();
    }

    @Override
    public FeatureMaps open(int bands, Device device) throws IOException {
      return FeatureNet.load(files.open(), device);
    }
  }

  /**
   * A TorchScript file.
   *
   * @param name where it came from
   * @param program its bytes
   * @param digest the SHA-256 that the configuration allows
   */
  record Script(String name, byte[] program, String digest) implements PerceptualFile {
    static Script read(PerceptualNet net, Configuration configuration) throws IOException {
      Path path = Paths.of(KEY, net.net());
      FileSystem fileSystem = path.getFileSystem(configuration);
      if (!fileSystem.exists(path)) {
        throw JobException.user(KEY + " = " + net.net() + ": no such file");
      }
      long length = fileSystem.getFileStatus(path).getLen();
      if (length > MOST_BYTES) {
        throw JobException.user(path + ": " + length + " bytes; at most " + MOST_BYTES);
      }
      try (FSDataInputStream in = fileSystem.open(path)) {
        return new Script(net.net(), in.readNBytes((int) length), net.sha256());
      }
    }

    @Override
    public FeatureMaps open(int bands, Device device) throws IOException {
      return TorchScriptMaps.load(new MemoryByteSource(name, program), digest, bands, device);
    }
  }
}
