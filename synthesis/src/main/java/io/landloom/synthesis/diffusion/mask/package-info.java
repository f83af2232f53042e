/**
 * Masks as diffusion draws them: asked for by prompts with proportions, coded as images, corrected
 * to the shares asked for, and measured against them.
 */
package io.landloom.synthesis.diffusion.mask;
