/** What the task of {@code summarize} makes of sums of pixels: shares, and how they drift. */
package io.landloom.jobs.summarize;
