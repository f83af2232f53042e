/** Checks of published rows. */
package io.landloom.jobs.verify;
