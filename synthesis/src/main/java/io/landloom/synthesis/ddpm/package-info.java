/**
 * Segmentation with few labels on the features of a diffusion model of pixels, which is trained
 * without labels and then fixed.
 */
package io.landloom.synthesis.ddpm;
