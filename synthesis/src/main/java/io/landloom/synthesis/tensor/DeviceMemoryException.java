package io.landloom.synthesis.tensor;

/** A device has not the memory for one item alone; with more of it free, it may work. */
public final class DeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DeviceMemoryException(Object item, RuntimeException cause) {
    super(
        item
            + " does not fit the device's memory even alone: "
            + DeviceFault.line(cause)
            + "; let fewer tasks share the device, or use one with more memory",
        cause);
  }
}
