/** Networks that segment images: the plain U-Net, and the net whose features measures compare. */
package io.landloom.synthesis.segment;
