package io.landloom.jobs.table;

/**
 * A row of {@code patches}.
 *
 * @param sceneId the scene
 * @param row row of patches in the scene
 * @param column column of patches in the scene
 * @param x left column of pixels in the scene
 * @param y upper row of pixels in the scene
 * @param split train, val or test
 * @param image the pixels
 * @param mask class indices, null for an unlabelled scene
 * @param maskSource where the mask comes from, null for an unlabelled scene
 * @param uncertainty mean uncertainty of a predicted mask, 0 to 1; null where nobody said
 * @param width pixels a row
 * @param height rows of pixels
 * @param bands samples a pixel
 * @param dtype type of a sample, by NumPy's name
 * @param classPixels pixels by class, in the scheme's order; null for an unlabelled scene
 * @param unknownFraction share of pixels without a label; null for an unlabelled scene
 * @param crs native CRS, null without one
 * @param transform pixel to CRS of this patch, GDAL's order, null without a CRS
 * @param geometry outline in CRS84 as WKB, null without a CRS
 * @param bbox xmin, ymin, xmax, ymax in CRS84, null without a CRS
 * @param sourceUri the scene's file
 * @param sourceChecksum checksum of that file
 * @param scheme name of the land-cover scheme
 */
public record PatchRow(
    String sceneId,
    int row,
    int column,
    int x,
    int y,
    String split,
    EncodedImage image,
    EncodedImage mask,
    MaskSource maskSource,
    Double uncertainty,
    int width,
    int height,
    int bands,
    String dtype,
    long[] classPixels,
    Double unknownFraction,
    String crs,
    double[] transform,
    byte[] geometry,
    double[] bbox,
    String sourceUri,
    String sourceChecksum,
    String scheme) {}
