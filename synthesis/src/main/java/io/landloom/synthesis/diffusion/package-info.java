/**
 * Diffusion: noise schedules, what a network predicts of a noisy latent, and samplers that walk
 * from noise to a clean one. None of them knows another, nor the networks.
 */
package io.landloom.synthesis.diffusion;
