/** Texts as the networks take them: token ids. */
package io.landloom.synthesis.diffusion.text;
