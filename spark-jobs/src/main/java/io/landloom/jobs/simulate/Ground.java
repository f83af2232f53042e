package io.landloom.jobs.simulate;

/**
 * What lies at one place; one object is filled again for each pixel, as a scene has billions.
 *
 * <p>{@code key} tells one parcel, roof or block from the next; {@code u} and {@code v} are the
 * place within it, in world units.
 */
final class Ground {
  Zone zone;
  Surface surface;
  int key;
  double u;
  double v;
  boolean shaded;
  boolean labelled;

  void set(Zone newZone, Surface newSurface, int newKey, double newU, double newV) {
    zone = newZone;
    surface = newSurface;
    key = newKey;
    u = newU;
    v = newV;
    shaded = false;
  }
}
