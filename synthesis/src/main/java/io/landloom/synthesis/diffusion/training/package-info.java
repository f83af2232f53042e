/** How the networks of diffusion are trained: the losses, and one trainer a stage. */
package io.landloom.synthesis.diffusion.training;
