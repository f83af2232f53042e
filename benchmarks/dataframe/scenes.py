"""Reads scenes in PySpark, counts the classes of the masks with NumPy, and compares with class_pixels.

    spark-submit --jars spark-jobs/target/spark-jobs-0.1.0-SNAPSHOT-app.jar benchmarks/dataframe/scenes.py IMAGES LABELS
"""

import sys

import numpy
from pyspark.sql import SparkSession


def main(images, labels):
    spark = SparkSession.builder.getOrCreate()
    patches = spark.read.format("landloom").option("scheme", "gid15").option("labels", labels).load(images)
    counted = 0
    for row in patches.select("image", "dtype", "height", "width", "bands", "mask", "class_pixels").toLocalIterator():
        numpy.frombuffer(row.image, row.dtype).reshape(row.height, row.width, row.bands)
        mask = numpy.frombuffer(row.mask, "uint8").reshape(row.height, row.width)
        # in gid15 a class's index is its place in the scheme
        if numpy.bincount(mask.ravel(), minlength=len(row.class_pixels)).tolist() != list(row.class_pixels):
            raise SystemExit("a mask's classes differ from its class_pixels")
        counted += 1
    print(f"PySpark: the masks of {counted} patches hold what class_pixels says")


if __name__ == "__main__":
    main(*sys.argv[1:])
