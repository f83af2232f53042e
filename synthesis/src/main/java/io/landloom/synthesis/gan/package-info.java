/** CSEBGAN: semantic-embedding GAN of Wang et al. (TGRS 2023), its training and its use. */
package io.landloom.synthesis.gan;
