/**
 * Scenes as a DataFrame: a Spark data source whose rows are patches, cut when they are asked for.
 */
package io.landloom.jobs.source;
