/** Measures of synthetic images and of segmentations: how near to real, how diverse, how true. */
package io.landloom.synthesis.measure;
