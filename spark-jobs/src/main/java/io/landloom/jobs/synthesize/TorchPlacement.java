package io.landloom.jobs.synthesize;

import ai.djl.Device;
import io.landloom.geo.landcover.LandCoverScheme;
import io.landloom.synthesis.Synthesizer;
import io.landloom.synthesis.diffusion.model.DiffusionSynthesizer;
import io.landloom.synthesis.diffusion.model.ShippedControl;
import io.landloom.synthesis.gan.CsebganSynthesizer;
import io.landloom.synthesis.gate.Gate;
import io.landloom.synthesis.tensor.DeviceChoice;
import io.landloom.synthesis.weights.ModelBundle;
import java.io.IOException;
import java.util.List;

/** Models on the devices that libtorch sees. */
public record TorchPlacement() implements Placement {
  @Override
  public Device device(String wanted, List<String> addresses) {
    return DeviceChoice.of(wanted, addresses);
  }

  @Override
  public Synthesizer synthesizer(
      ModelBundle bundle, LandCoverScheme scheme, Device device, int batch, long seed) {
    return bundle.card().architecture().equals(ShippedControl.ARCHITECTURE)
        ? new DiffusionSynthesizer(bundle, scheme, device, batch, seed)
        : new CsebganSynthesizer(bundle, scheme, device, batch, seed);
  }

  @Override
  public List<Gate> gates(GateRule rule, LandCoverScheme scheme, Device device) throws IOException {
    return rule.open(scheme, device);
  }
}
