package io.landloom.synthesis.ddpm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.landloom.synthesis.tensor.NativeScope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Features that were made once and are asked for again, as far as memory is allowed. */
final class FeatureCache {
  private final NDManager manager;
  private final long mostBytes;
  private final Map<Key, List<NDArray>> kept = new HashMap<>();
  private long bytes;
  private long made;

  /**
   * What features are of.
   *
   * @param item number of the patch
   * @param symmetry how it is turned
   */
  record Key(int item, int symmetry) {}

  /** An empty cache; what it keeps lives as long as the parent. */
  FeatureCache(NDManager parent, long mostBytes) {
    this.manager = parent.newSubManager();
    this.mostBytes = mostBytes;
  }

  /** The features of a patch; made now if they are not kept. */
  List<NDArray> get(Key key, Supplier<List<NDArray>> features) {
    List<NDArray> found = kept.get(key);
    if (found != null) {
      return found;
    }
    List<NDArray> maps = features.get();
    made++;
    long size = maps.stream().mapToLong(map -> Float.BYTES * map.size()).sum();
    if (bytes + size <= mostBytes) {
      bytes += size;
      maps.forEach(map -> NativeScope.keep(map, manager));
      kept.put(key, maps);
    }
    return maps;
  }

  /** How often features were made. */
  long made() {
    return made;
  }
}
