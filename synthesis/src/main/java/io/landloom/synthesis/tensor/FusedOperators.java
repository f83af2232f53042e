package io.landloom.synthesis.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Operators that libtorch has as one kernel and DJL's engine does not know: each is a TorchScript
 * program of a line or two without parameters, written here and loaded once a process.
 *
 * <p>A call costs some thirty microseconds, so that it pays for whole layers and not for small
 * arrays. Programs may be called by several threads at once.
 */
final class FusedOperators {
  private static final Map<String, PtSymbolBlock> PROGRAMS = new ConcurrentHashMap<>();
  private static final String NAME = "Fused";
  private static final String FOLDER = "fused/";
  // the pickled object of a class of that name with the attributes training = true and
  // _is_full_backward_hook = None; opcodes of protocol 2 of Python's pickle module
  private static final byte[] OBJECT =
      ("\u0080\u0002c__torch__\n"
              + NAME
              + "\n)\u0081}(X\u0008\0\0\0training\u0088"
              + "X\u0016\0\0\0_is_full_backward_hookNub.")
          .getBytes(StandardCharsets.ISO_8859_1);
  private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

  private FusedOperators() {}

  /**
   * Group normalisation, then SiLU; without gradients.
   *
   * @param x (B, C, H, W)
   */
  static NDArray groupNormSilu(
      NDArray x, int groups, NDArray scale, NDArray shift, double epsilon) {
    return run(
        "x: Tensor, scale: Tensor, shift: Tensor",
        String.format(
            Locale.ROOT,
            "torch.silu(torch.group_norm(x, %d, scale, shift, %s, False))",
            groups,
            epsilon),
        x,
        scale,
        shift);
  }

  /**
   * Group normalisation; without gradients.
   *
   * @param x (B, C, ..)
   */
  static NDArray groupNorm(NDArray x, int groups, NDArray scale, NDArray shift, double epsilon) {
    return run(
        "x: Tensor, scale: Tensor, shift: Tensor",
        String.format(
            Locale.ROOT, "torch.group_norm(x, %d, scale, shift, %s, False)", groups, epsilon),
        x,
        scale,
        shift);
  }

  /**
   * Attention; gradients pass through.
   *
   * @param query (B, N, C)
   * @param key (B, M, C)
   * @param value (B, M, C)
   */
  static NDArray attention(NDArray query, NDArray key, NDArray value, int heads) {
    String byHead = "torch.transpose(torch.unflatten(%s, -1, [" + heads + ", -1]), 1, 2)";
    return run(
        "q: Tensor, k: Tensor, v: Tensor",
        String.format(
            "torch.flatten(torch.transpose(torch.scaled_dot_product_attention(%s, %s, %s), 1, 2),"
                + " 2)",
            String.format(byHead, "q"), String.format(byHead, "k"), String.format(byHead, "v")),
        query,
        key,
        value);
  }

  private static NDArray run(String parameters, String expression, NDArray... arguments) {
    String code =
        "  def forward(self, " + parameters + ") -> Tensor:\n    return " + expression + "\n";
    PtSymbolBlock program = PROGRAMS.computeIfAbsent(code, FusedOperators::load);
    return IValueUtils.forward(program, new NDList(arguments), true).get(0);
  }

  private static PtSymbolBlock load(String code) {
    NDManager manager = TorchEngine.newManager(Device.cpu()); // as long as the process
    try {
      return JniUtils.loadModule(
          (PtNDManager) manager, new ByteArrayInputStream(archive(code)), true, false);
    } catch (IOException e) {
      manager.close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** A TorchScript file: a zip that is not compressed. */
  private static byte[] archive(String code) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, "data.pkl", OBJECT);
      String type =
          "class "
              + NAME
              + "(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
              + "  _is_full_backward_hook : Optional[bool]\n";
      put(zip, "code/__torch__.py", (type + code).getBytes(StandardCharsets.UTF_8));
      put(zip, "constants.pkl", NO_CONSTANTS);
      put(zip, "version", "3\n".getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(FOLDER + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    CRC32 checksum = new CRC32();
    checksum.update(content);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
