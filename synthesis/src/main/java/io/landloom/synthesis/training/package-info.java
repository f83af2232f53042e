/** What every training shares: labelled patches, how they are drawn, and how it fails. */
package io.landloom.synthesis.training;
