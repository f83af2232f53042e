/**
 * Measuring a trained synthesizer: realism, consistency, diversity and control, beside references.
 */
package io.landloom.jobs.evaluate;
