/** Gates: what decides whether a drawn image is kept, drawn again, or given up. */
package io.landloom.synthesis.gate;
