package io.landloom.jobs.train;

import java.io.Serializable;

/**
 * What a training came to.
 *
 * @param steps steps taken in all, those before a resume too
 * @param patches patches trained on
 * @param digest digest of the bundle
 * @param device device it ran on
 * @param seconds seconds of this start
 * @param last losses of the last step, for people
 */
public record TrainingReport(
    long steps, int patches, String digest, String device, double seconds, String last)
    implements Serializable {}
