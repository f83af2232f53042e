/** Runs: identity, buckets, staging, publishing, and what is kept of their outcome. */
package io.landloom.jobs.run;
