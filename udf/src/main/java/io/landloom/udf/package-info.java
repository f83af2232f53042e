/** Spark SQL functions over patches, masks and class indices. */
package io.landloom.udf;
