/** Land-cover schemes, the masks coded with them, and counts and proportions of their classes. */
package io.landloom.geo.landcover;
