/** Planning and synthesis: which masks, read where, and one bucket of pairs as a task. */
package io.landloom.jobs.synthesize;
