/** DJL PyTorch below the networks: engine, devices, native scopes, Adam, operators. */
package io.landloom.synthesis.tensor;
