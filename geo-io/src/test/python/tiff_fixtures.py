"""Writes the small TIFFs in ../resources/tiff with GDAL, and what GDAL reads from them.

    /usr/bin/python3 geo-io/src/test/python/tiff_fixtures.py

Needs GDAL's Python bindings and NumPy; the files that are there were written by GDAL 3.6.2.
expected.tsv has a line a file: name, dtype, width, height, bands, CRC-32 of the pixels (rows from
the top, bands interleaved by pixel, little endian), nodata, CRC-32 of the mask (0 or 1 a pixel, of
GDAL's mask band), or "-" where there is none.
"""

import os
import zlib

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
gdal.SetConfigOption("GDAL_TIFF_OVR_BLOCKSIZE", "64")
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "resources", "tiff")
WIDTH, HEIGHT = 21, 19

TYPES = {
    "uint8": gdal.GDT_Byte,
    "int8": gdal.GDT_Byte,
    "uint16": gdal.GDT_UInt16,
    "int16": gdal.GDT_Int16,
    "uint32": gdal.GDT_UInt32,
    "int32": gdal.GDT_Int32,
    "float32": gdal.GDT_Float32,
    "float64": gdal.GDT_Float64,
}


def pixels(dtype, bands, top=None):
    """Bands of a smooth surface with some noise, over most of the type's range."""
    random = np.random.default_rng(7)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    surfaces = []
    for band in range(bands):
        surface = np.sin(x / 9 + band) * np.cos(y / 7) + random.normal(0, 0.02, x.shape)
        unit = np.clip(surface / 2.2 + 0.5, 0, 1)
        if dtype.startswith("float"):
            surfaces.append(((unit - 0.5) * 1e6).astype(dtype))
        else:
            low, high = np.iinfo(dtype).min, np.iinfo(dtype).max if top is None else top
            surfaces.append((low + unit * (high - low)).astype(dtype))
    return np.stack(surfaces)


def write(name, dtype, bands, options, data=None, top=None, finish=None):
    data = pixels(dtype, bands, top) if data is None else data
    path = os.path.join(FOLDER, name + ".tif")
    options = list(options) + (["PIXELTYPE=SIGNEDBYTE"] if dtype == "int8" else [])
    dataset = gdal.GetDriverByName("GTiff").Create(
        path, data.shape[2], data.shape[1], bands, TYPES[dtype], options
    )
    stored = data.view("uint8") if dtype == "int8" else data
    if finish:
        finish(dataset)
    for band in range(bands):
        if np.any(data[band] != 0) or "SPARSE_OK=TRUE" not in options:
            dataset.GetRasterBand(band + 1).WriteArray(stored[band])
    dataset.FlushCache()
    dataset = None
    return path


def expected(name, dtype):
    dataset = gdal.Open(os.path.join(FOLDER, name + ".tif"))
    bands = [dataset.GetRasterBand(i + 1) for i in range(dataset.RasterCount)]
    array = np.stack([band.ReadAsArray() for band in bands], axis=-1)
    if dtype != "int8":
        assert array.dtype == np.dtype(dtype), (name, array.dtype)
    raw = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    nodata = bands[0].GetNoDataValue()
    mask = "-"
    flags = bands[0].GetMaskFlags()
    if flags & gdal.GMF_PER_DATASET and not flags & gdal.GMF_ALPHA:
        valid = (bands[0].GetMaskBand().ReadAsArray() > 0).astype("uint8")
        mask = "%08x" % zlib.crc32(valid.tobytes())
    return "\t".join(
        [
            name,
            dtype,
            str(dataset.RasterXSize),
            str(dataset.RasterYSize),
            str(dataset.RasterCount),
            "%08x" % zlib.crc32(raw),
            "-" if nodata is None else repr(float(nodata)),
            mask,
        ]
    )


def place(dataset):
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32650)
    dataset.SetProjection(reference.ExportToWkt())
    dataset.SetGeoTransform([500000, 4, 0, 3400000, 0, -4])


def control_points(dataset):
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(4326)
    corners = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT), (5, 5)]
    points = [gdal.GCP(100 + x / 50, 30 - y / 50, 0, x, y) for x, y in corners]
    dataset.SetGCPs(points, reference.ExportToWkt())


def own_crs(dataset):
    reference = osr.SpatialReference()
    reference.ImportFromProj4("+proj=laea +lat_0=12.5 +lon_0=33.25 +ellps=GRS80 +units=m")
    dataset.SetProjection(reference.ExportToWkt())
    dataset.SetGeoTransform([0, 4, 0, 0, 0, -4])


def mask(dataset):
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    shape = np.zeros((HEIGHT, WIDTH), "uint8")
    shape[3:14, 5:18] = 255
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(shape)


def palette(colors):
    def finish(dataset):
        table = gdal.ColorTable()
        for index in range(colors):
            table.SetColorEntry(index, (index * 16 % 256, 255 - index, 200, 255))
        dataset.GetRasterBand(1).SetColorTable(table)

    return finish


def main():
    names = []

    def add(name, dtype, bands, *options, **others):
        write(name, dtype, bands, options, **others)
        names.append((name, dtype))

    tiles = ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"]
    big = "ENDIANNESS=BIG"
    for dtype in TYPES:
        add(dtype + "-none", dtype, 1)
        add(dtype + "-big-planes", dtype, 2, big, "INTERLEAVE=BAND", "BLOCKYSIZE=10")
        add(dtype + "-deflate-2", dtype, 2, "COMPRESS=DEFLATE", "PREDICTOR=2", *tiles)
        add(dtype + "-lzw-2-big", dtype, 2, "COMPRESS=LZW", "PREDICTOR=2", big, "BLOCKYSIZE=8")
    for dtype in ["float32", "float64"]:
        add(dtype + "-zstd-3", dtype, 2, "COMPRESS=ZSTD", "PREDICTOR=3", "INTERLEAVE=PIXEL", *tiles)
        add(dtype + "-lzw-3-big", dtype, 2, "COMPRESS=LZW", "PREDICTOR=3", big, "INTERLEAVE=PIXEL")
    for codec in ["LZW", "DEFLATE", "PACKBITS", "ZSTD", "LZMA"]:
        add("strip-" + codec.lower(), "uint8", 3, "COMPRESS=" + codec, "INTERLEAVE=PIXEL")
    add("zstd-2", "uint16", 3, "COMPRESS=ZSTD", "PREDICTOR=2", "INTERLEAVE=PIXEL", *tiles)
    add("lzma-planes", "int16", 3, "COMPRESS=LZMA", "INTERLEAVE=BAND", *tiles)
    add("bands-16", "uint8", 16, "COMPRESS=DEFLATE", "INTERLEAVE=PIXEL")
    add("bigtiff", "uint16", 1, "BIGTIFF=YES", big, *tiles)
    add("overviews", "uint8", 1, *tiles)
    dataset = gdal.Open(os.path.join(FOLDER, "overviews.tif"), gdal.GA_Update)
    dataset.BuildOverviews("NEAREST", [2, 4])
    dataset = None
    for bits in [1, 2, 4]:
        top = (1 << bits) - 1
        add("bits-%d" % bits, "uint8", 1, "NBITS=%d" % bits, "COMPRESS=DEFLATE", top=top)
        add("bits-%d-tiles" % bits, "uint8", 1, "NBITS=%d" % bits, *tiles, top=top)
    add("palette-4", "uint8", 1, "NBITS=4", top=15, finish=palette(16))
    add("palette-8", "uint8", 1, "COMPRESS=LZW", finish=palette(256))
    add("white-is-zero", "uint8", 1, "PHOTOMETRIC=MINISWHITE")
    jpeg = ["COMPRESS=JPEG", "JPEG_QUALITY=85"]
    add("jpeg-gray", "uint8", 1, *jpeg)
    add("jpeg-rgb", "uint8", 3, "PHOTOMETRIC=RGB", "INTERLEAVE=PIXEL", *jpeg)
    add("jpeg-rgb-planes", "uint8", 3, "PHOTOMETRIC=RGB", "INTERLEAVE=BAND", *jpeg, *tiles)
    add("jpeg-rgba", "uint8", 4, "PHOTOMETRIC=RGB", "ALPHA=YES", "INTERLEAVE=PIXEL", *jpeg)
    add("jpeg-ycbcr", "uint8", 3, "PHOTOMETRIC=YCBCR", "INTERLEAVE=PIXEL", *jpeg)
    add("jpeg-ycbcr-tiles", "uint8", 3, "PHOTOMETRIC=YCBCR", "INTERLEAVE=PIXEL", *jpeg, *tiles)
    add("jpeg-ycbcr-strips", "uint8", 3, "PHOTOMETRIC=YCBCR", "BLOCKYSIZE=16", *jpeg)
    add("jpeg-own-tables", "uint8", 3, "PHOTOMETRIC=YCBCR", "JPEGTABLESMODE=0", *jpeg, *tiles)
    nodata = pixels("int16", 2)
    nodata[:, 4:9, 2:17] = -9999
    nodata[0, 15, :] = -9999

    def state(value):
        def finish(dataset):
            for band in range(dataset.RasterCount):
                dataset.GetRasterBand(band + 1).SetNoDataValue(value)

        return finish

    add("nodata-int16", "int16", 2, data=nodata, finish=state(-9999))
    floats = pixels("float32", 1)
    floats[0, 3:6, :] = np.nan
    add("nodata-nan", "float32", 1, data=floats, finish=state(float("nan")))
    add("mask", "uint8", 3, "COMPRESS=DEFLATE", *tiles, finish=mask)
    add("mask-jpeg", "uint8", 3, "PHOTOMETRIC=YCBCR", *jpeg, finish=mask)
    sparse = pixels("uint8", 1)
    sparse[:, 0:16, 16:32] = 7
    sparse[:, 16:, 0:16] = 7

    def seven(dataset):
        dataset.GetRasterBand(1).SetNoDataValue(7)

    add("sparse", "uint8", 1, "SPARSE_OK=TRUE", *tiles, data=sparse, finish=seven)
    add("place", "uint8", 1, finish=place)
    add("place-control-points", "uint8", 1, finish=control_points)
    add("place-own-crs", "uint8", 1, finish=own_crs)
    with open(os.path.join(FOLDER, "expected.tsv"), "w") as table:
        for name, dtype in names:
            table.write(expected(name, dtype) + "\n")


main()
