package io.landloom.jobs.tile;

import io.landloom.geo.scene.SceneId;
import java.io.Serializable;

/**
 * A scene's files, before they are opened.
 *
 * @param id the scene
 * @param image URI of the image
 * @param label URI of the label, null for an unlabelled scene
 */
public record SceneFile(SceneId id, String image, String label) implements Serializable {}
