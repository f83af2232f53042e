package io.landloom.jobs.table;

/**
 * An image as it is stored: the file's bytes and the name it would have.
 *
 * @param bytes a PNG file
 * @param path relative name, for tools that want one
 */
public record EncodedImage(byte[] bytes, String path) {}
