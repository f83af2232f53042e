/** Scenes drawn from noise, with labels, for trying and testing every job without real imagery. */
package io.landloom.jobs.simulate;
