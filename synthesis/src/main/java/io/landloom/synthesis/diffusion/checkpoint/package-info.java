/**
 * Published checkpoints as they are: folders in the diffusers format of Stable Diffusion 1.x,
 * ControlNets, and LoRA files.
 */
package io.landloom.synthesis.diffusion.checkpoint;
