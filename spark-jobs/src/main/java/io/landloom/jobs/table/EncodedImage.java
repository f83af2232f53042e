package io.landloom.jobs.table;

/**
 * An image or a mask as it is stored: bytes, and the name a file of them would have.
 *
 * @param bytes a PNG file, or the samples alone
 * @param path relative name, for tools that want one
 */
public record EncodedImage(byte[] bytes, String path) {}
