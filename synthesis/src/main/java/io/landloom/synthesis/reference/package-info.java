/**
 * Plain synthesizers that a trained one is held against: what does not beat them has learnt
 * nothing.
 */
package io.landloom.synthesis.reference;
