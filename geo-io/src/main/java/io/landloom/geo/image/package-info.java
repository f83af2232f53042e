/** Pixels in memory, and PNG, the form in which patches are stored. */
package io.landloom.geo.image;
