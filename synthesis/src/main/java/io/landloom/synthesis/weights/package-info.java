/** Models at rest: a card and named tensors in safetensors, read with bounds. */
package io.landloom.synthesis.weights;
