/** What executors have done, for Spark's metrics system. */
package io.landloom.jobs.metrics;
