/** What tasks of {@code segment} do. */
package io.landloom.jobs.segment;
