package io.landloom.jobs.synthesize;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.gate.Gate;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/**
 * Which device a task gets, and how a model is put there; travels to executors.
 *
 * <p>Jobs know {@link TorchPlacement} alone. Tests of scheduling and of failing devices, which must
 * run where there is no GPU, bring one of their own.
 */
public interface Placement extends Serializable {
  /**
   * The device of a task.
   *
   * @param wanted auto, cpu or gpu
   * @param addresses GPUs that Spark gave to the task
   */
  Device device(String wanted, List<String> addresses);

  /** Puts a model on a device, for several threads and as long as the JVM lives. */
  Synthesizer synthesizer(
      ModelBundle bundle, LandCoverScheme scheme, Device device, int batch, long seed);

  /** Puts gates on a device, likewise. */
  List<Gate> gates(GateRule rule, LandCoverScheme scheme, Device device) throws IOException;
}
