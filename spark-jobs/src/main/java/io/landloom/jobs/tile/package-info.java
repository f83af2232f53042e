/** Tiling: finding scenes and labels, cutting patches, splits, and one bucket of it as a task. */
package io.landloom.jobs.tile;
