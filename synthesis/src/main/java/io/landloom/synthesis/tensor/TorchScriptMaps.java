package io.landloom.synthesis.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.landloom.geo.source.ByteSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The features of a TorchScript file, such as VGG19's: a program, and therefore only run if its
 * digest is one that the user allowed.
 */
public final class TorchScriptMaps implements FeatureMaps {
  private static final long MAX_BYTES = 1L << 30;

  private final String name;
  private final String digest;
  private final int bands;
  private final NDManager manager;
  private final PtSymbolBlock module;

  private TorchScriptMaps(
      String name, String digest, int bands, NDManager manager, PtSymbolBlock module) {
    this.name = name;
    this.digest = digest;
    this.bands = bands;
    this.manager = manager;
    this.module = module;
  }

  /**
   * Loads a file whose module takes images (B, bands, S, S) in -1 .. 1 and returns a tuple of five
   * maps, shallow to deep.
   *
   * @param allowed SHA-256 the file must have, 64 hexadecimal digits
   * @throws EngineException if the file is another one or libtorch cannot load it
   * @throws IOException if it cannot be read
   */
  public static TorchScriptMaps load(ByteSource file, String allowed, int bands, Device device)
      throws IOException {
    byte[] program = read(file);
    String digest = sha256(program);
    if (!digest.equals(allowed)) {
      throw new EngineException(
          String.format(
              "%s has SHA-256 %s, allowed is '%s'; a TorchScript file is a program: set"
                  + " perceptual.sha256 to its digest only if you trust it",
              file.name(), digest, allowed));
    }
    NDManager manager = TorchEngine.newManager(device);
    try {
      PtSymbolBlock module =
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(program), true, false);
      JniUtils.enableInferenceMode(module);
      for (NDArray parameter : JniUtils.moduleGetParams(module, (PtNDManager) manager)) {
        parameter.setRequiresGradient(false);
      }
      return new TorchScriptMaps(file.name(), digest, bands, manager, module);
    } catch (RuntimeException e) {
      manager.close();
      throw new EngineException(
          file.name() + " is no TorchScript that libtorch loads: " + firstLine(e.getMessage()));
    }
  }

  private static byte[] read(ByteSource file) throws IOException {
    if (file.length() > MAX_BYTES) {
      throw new EngineException(
          file.name() + " of " + file.length() + " bytes is over " + MAX_BYTES);
    }
    byte[] bytes = new byte[(int) file.length()];
    file.read(0, bytes, 0, bytes.length);
    return bytes;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String firstLine(String message) {
    return message == null ? "no reason given" : message.lines().findFirst().orElse("");
  }

  @Override
  public List<NDArray> maps(NDArray image) {
    NDList maps = IValueUtils.forward(module, new NDList(image), true);
    if (maps.size() != LEVELS) {
      throw new EngineException(
          name + " gives " + maps.size() + " maps, a perceptual net gives " + LEVELS);
    }
    return maps;
  }

  @Override
  public int bands() {
    return bands;
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }
}
