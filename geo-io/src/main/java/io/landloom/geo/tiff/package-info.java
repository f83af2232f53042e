/** A bounded TIFF block reader and a GeoTIFF writer over ranged reads. */
package io.landloom.geo.tiff;
