/**
 * The networks of latent diffusion in the form Stable Diffusion 1.x has them, with the tensor names
 * of its published folders.
 */
package io.landloom.synthesis.diffusion.network;
