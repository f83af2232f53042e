/** A dataset's tables in a catalog that SQL engines share, such as a Hive metastore. */
package io.landloom.jobs.catalog;
