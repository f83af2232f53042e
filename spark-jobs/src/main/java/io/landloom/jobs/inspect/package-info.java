/** What {@code inspect} finds in one file, and how it says it. */
package io.landloom.jobs.inspect;
