package io.landloom.jobs.evaluate;

import java.io.Serializable;

/**
 * How much of what is measured; part of the run's id.
 *
 * @param images most images of a set; the sets that are compared have equal numbers
 * @param trainImages most training patches that units, components and references are taken from
 * @param principal most principal components of FD-Seg; at most an eighth of the images
 * @param neighbours k of precision, recall, density and coverage
 * @param subsets random subsets for the spread of KID-Seg
 * @param classifierSteps steps of the network of C2ST
 * @param regressionSteps steps of the L1 reference; 0 leaves it out
 * @param regressionWidth channels of the first level of its U-Net
 * @param diversityMasks masks whose images are compared with each other
 * @param redrawMasks masks a class is drawn anew in
 * @param copies images of a mask
 * @param pairs pairs among them
 * @param leastPixels pixels a class must have in a mask to be drawn anew in it
 * @param batch images a batch
 * @param seed seed of all that is drawn
 */
public record EvaluationRule(
    int images,
    int trainImages,
    int principal,
    int neighbours,
    int subsets,
    int classifierSteps,
    int regressionSteps,
    int regressionWidth,
    int diversityMasks,
    int redrawMasks,
    int copies,
    int pairs,
    int leastPixels,
    int batch,
    long seed)
    implements Serializable {}
