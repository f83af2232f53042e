/** Training: reading the patches, and the one task that trains. */
package io.landloom.jobs.train;
