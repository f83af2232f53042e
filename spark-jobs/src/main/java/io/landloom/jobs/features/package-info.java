/** What tasks of {@code features} do. */
package io.landloom.jobs.features;
