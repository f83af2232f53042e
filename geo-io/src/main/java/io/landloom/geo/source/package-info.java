/** Bytes of a file read by range, local or on HDFS, and what a damaged file is called. */
package io.landloom.geo.source;
