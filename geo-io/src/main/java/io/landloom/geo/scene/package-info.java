/** Scenes: what is known of an image file without touching pixels, and reading its rows. */
package io.landloom.geo.scene;
