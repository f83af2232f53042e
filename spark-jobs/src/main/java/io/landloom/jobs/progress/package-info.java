/** Progress lines while a job runs, and counts of what was done and refused by name. */
package io.landloom.jobs.progress;
