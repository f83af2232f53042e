/** The contract every synthesizer meets: conditions in, image-mask pairs out, noise from a key. */
package io.landloom.synthesis;
