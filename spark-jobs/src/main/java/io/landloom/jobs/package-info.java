/** The jobs, one class a job, and the command line. */
package io.landloom.jobs;
