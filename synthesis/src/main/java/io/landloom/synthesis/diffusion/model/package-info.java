/**
 * Trained networks of diffusion as they are shipped and as they draw: what a bundle holds, masks
 * from target shares, images from masks.
 */
package io.landloom.synthesis.diffusion.model;
