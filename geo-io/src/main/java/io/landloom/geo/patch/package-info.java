/** Patches: the fixed-size windows a scene is cut into, and their keys. */
package io.landloom.geo.patch;
