/** Opens a scene's file whatever its format: TIFF, PNG or JPEG. */
package io.landloom.geo.format;
