"""The features that sensitivity looks at: their names, and what to do where a model does worse at one end."""

from __future__ import annotations

from typing import Dict, NamedTuple

from .texts import Text


class Feature(NamedTuple):
    title: Text
    meaning: Text
    low: Text
    """What to do where low values do worse."""
    high: Text


_DARK = Text(
    "Add dark ones to the training set, or change the brightness of pictures at random while training.",
    "在训练集中加入较暗的样本，或在训练时随机改变图片亮度。",
)
_BRIGHT = Text(
    "Add bright ones to the training set, or change the brightness of pictures at random while training.",
    "在训练集中加入较亮的样本，或在训练时随机改变图片亮度。",
)
_BLURRED = Text(
    "Add blurred ones to the training set, or blur pictures at random while training.",
    "在训练集中加入模糊的样本，或在训练时随机对图片做高斯模糊。",
)
_SHARP = Text(
    "Add sharp and detailed ones to the training set, or sharpen pictures at random while training.",
    "在训练集中加入清晰、细节丰富的样本，或在训练时随机对图片做锐化。",
)
_SMALL = Text(
    "Add small ones to the training set, and scale pictures at random while training.",
    "在训练集中加入较小的样本，并在训练时随机缩放图片。",
)
_LARGE = Text(
    "Add large ones to the training set, and scale pictures at random while training.",
    "在训练集中加入较大的样本，并在训练时随机缩放图片。",
)
_SHAPE = Text(
    "Add ones of this shape to the training set, or keep the proportions (padding) when resizing.",
    "在训练集中加入这种宽高比的样本，或在缩放时保持宽高比（补边）。",
)
_COLOURS = Text(
    "Add ones with such colours to the training set, or change saturation and hue at random while training.",
    "在训练集中加入这类颜色的样本，或在训练时随机改变饱和度和色调。",
)
_CROWDED = Text(
    "Add crowded pictures to the training set, and look at the threshold of non-maximum suppression.",
    "在训练集中加入目标密集的图片，并检查非极大值抑制（NMS）的阈值。",
)
_SPARSE = Text(
    "Add pictures with few objects to the training set.",
    "在训练集中加入目标较少的图片。",
)
_SMALL_BOX = Text(
    "Add small objects to the training set; train and predict at a higher resolution, or with features of more scales.",
    "在训练集中加入小目标；提高训练和推理的输入分辨率，或使用多尺度特征。",
)
_MIDDLE = Text(
    "Add objects in the middle of pictures to the training set.",
    "在训练集中加入位于图片中部的目标。",
)
_MARGIN = Text(
    "Add objects near the edges to the training set; crop and shift pictures at random while training.",
    "在训练集中加入靠近图片边缘的目标；训练时随机裁剪和平移图片。",
)

FEATURES: Dict[str, Feature] = {
    "image_brightness": Feature(
        Text("Brightness", "亮度"),
        Text("Mean grey value of a picture, 0 to 255.", "图片灰度的平均值，范围 0 到 255。"), _DARK, _BRIGHT,
    ),
    "ambiguity": Feature(
        Text("Clarity", "清晰度"),
        Text(
            "Variance of the Laplacian of a picture: the lower, the more blurred.",
            "图片拉普拉斯算子的方差，值越小图片越模糊。",
        ), _BLURRED, _SHARP,
    ),
    "image_resolution": Feature(
        Text("Resolution", "分辨率"), Text("Pixels of a picture.", "图片的像素数。"), _SMALL, _LARGE
    ),
    "image_aspect_ratio": Feature(
        Text("Aspect ratio", "宽高比"),
        Text("Width of a picture divided by its height.", "图片宽度与高度之比。"), _SHAPE, _SHAPE,
    ),
    "image_saturation": Feature(
        Text("Saturation", "饱和度"),
        Text("Mean saturation of the colours, 0 to 1.", "图片颜色的平均饱和度，范围 0 到 1。"), _COLOURS, _COLOURS,
    ),
    "image_colorfulness": Feature(
        Text("Colorfulness", "色彩丰富度"),
        Text("How varied the colours of a picture are.", "图片色彩的丰富程度。"), _COLOURS, _COLOURS,
    ),
    "box_count": Feature(
        Text("Number of boxes", "目标框数量"),
        Text("Labelled boxes in the picture.", "图片中标注的目标框个数。"), _SPARSE, _CROWDED,
    ),
    "box_area_ratio": Feature(
        Text("Area of boxes", "目标框面积占比"),
        Text("Area of a box divided by that of its picture.", "目标框面积与图片面积之比。"), _SMALL_BOX, _LARGE,
    ),
    "box_aspect_ratio": Feature(
        Text("Aspect ratio of boxes", "目标框宽高比"),
        Text("Width of a box divided by its height.", "目标框宽度与高度之比。"), _SHAPE, _SHAPE,
    ),
    "box_marginalization": Feature(
        Text("Distance of boxes from the middle", "目标框边缘化程度"),
        Text(
            "Distance of a box's centre from the middle of the picture, 0 in the middle to 1 in a corner.",
            "目标框中心到图片中心的相对距离，0 为图片中心，1 为图片角点。",
        ), _MIDDLE, _MARGIN,
    ),
    "box_overlap": Feature(
        Text("Overlap of boxes", "目标框堆叠度"),
        Text(
            "The largest share of a box that another labelled box covers.",
            "目标框被另一个标注框覆盖的最大面积比例。",
        ), _SPARSE, _CROWDED,
    ),
    "box_brightness": Feature(
        Text("Brightness of boxes", "目标框亮度"),
        Text("Mean grey value inside a box, 0 to 255.", "目标框内灰度的平均值，范围 0 到 255。"), _DARK, _BRIGHT,
    ),
    "box_ambiguity": Feature(
        Text("Clarity of boxes", "目标框清晰度"),
        Text(
            "Variance of the Laplacian inside a box: the lower, the more blurred.",
            "目标框内拉普拉斯算子的方差，值越小越模糊。",
        ), _BLURRED, _SHARP,
    ),
}  # fmt: skip
